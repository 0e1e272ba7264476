#include "digest/block_chain.hpp"

#include <algorithm>
#include <array>

namespace hfaudit {

std::uint64_t BlockChain::length_of(std::uint64_t block) const {
  return std::min(chain_block_bytes, size - block * chain_block_bytes);
}

Result<ChainedSha256> ChainedSha256::begin() {
  auto hash = Sha256::begin();
  if (!hash) return tl::unexpected(hash.error());
  return ChainedSha256(std::move(*hash));
}

std::optional<ChainedSha256> ChainedSha256::resume(const Sha256State& state, std::uint64_t blocks) {
  auto hash = Sha256::resume(state, blocks * chain_block_bytes);
  if (!hash) return std::nullopt;
  ChainedSha256 chained(std::move(*hash));
  chained.length_ = blocks * chain_block_bytes;
  return chained;
}

void ChainedSha256::advance(std::size_t bytes) {
  length_ += bytes;
  if (bytes == 0 || length_ % chain_block_bytes != 0) return;
  if (const auto state = hash_.state()) states_.push_back(*state);
}

void ChainedSha256::update(Bytes bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), until_boundary()));
    hash_.update(piece);
    advance(piece.size());
    bytes = bytes.subspan(piece.size());
  }
}

// Up to the end of a chain's block at a time: it ends elsewhere in each of them.
void update_all(const Sha256Plan& plan, std::span<const ChainedInput> inputs) {
  std::array<Bytes, most_hash_streams> rest{};
  for (std::size_t i = 0; i < inputs.size(); ++i)
    rest.at(i) = inputs[i].bytes;
  for (;;) {
    std::array<Sha256Input, most_hash_streams> pieces{};
    std::array<ChainedSha256*, most_hash_streams> hashes{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      auto& hash = *inputs[i].hash;
      auto& bytes = rest.at(i);
      if (bytes.empty()) continue;
      const auto piece = bytes.first(std::min(bytes.size(), hash.until_boundary()));
      bytes = bytes.subspan(piece.size());
      hashes.at(count) = &hash;
      pieces.at(count++) = {&hash.hash_, piece};
    }
    if (count == 0) return;
    update_all(plan, std::span<const Sha256Input>(pieces.data(), count));
    for (std::size_t i = 0; i < count; ++i)
      hashes.at(i)->advance(pieces.at(i).bytes.size());
  }
}

bool is_right_block(const BlockChain& chain, std::string_view sha256, std::uint64_t block,
                    Bytes bytes) {
  if (bytes.size() != chain.length_of(block) || block > chain.states.size()) return false;
  const auto before = block == 0 ? sha256_start : chain.states[static_cast<std::size_t>(block - 1)];
  auto hash = Sha256::resume(before, block * chain_block_bytes);
  if (!hash) return false;
  hash->update(bytes);
  const bool last = block + 1 == chain.blocks();
  const bool whole = bytes.size() == chain_block_bytes;
  if (whole && block < chain.states.size() &&
      hash->state() != chain.states[static_cast<std::size_t>(block)])
    return false;
  if (!last) return whole;
  const auto digest = hash->finish();
  return digest && to_hex(*digest) == sha256;
}

}  // namespace hfaudit
