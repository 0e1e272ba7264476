#include "digest/block_chain.hpp"

#include <algorithm>

namespace hfaudit {

std::uint64_t BlockChain::length_of(std::uint64_t block) const {
  return std::min(chain_block_bytes, size - block * chain_block_bytes);
}

Result<ChainedSha256> ChainedSha256::begin() {
  auto hash = Sha256::begin();
  if (!hash) return tl::unexpected(hash.error());
  return ChainedSha256(std::move(*hash));
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

void update_two(ChainedSha256& a, Bytes a_bytes, ChainedSha256& b, Bytes b_bytes) {
  while (!a_bytes.empty() && !b_bytes.empty()) {
    const auto a_piece = a_bytes.first(std::min(a_bytes.size(), a.until_boundary()));
    const auto b_piece = b_bytes.first(std::min(b_bytes.size(), b.until_boundary()));
    update_two(a.hash_, a_piece, b.hash_, b_piece);
    a.advance(a_piece.size());
    b.advance(b_piece.size());
    a_bytes = a_bytes.subspan(a_piece.size());
    b_bytes = b_bytes.subspan(b_piece.size());
  }
  a.update(a_bytes);
  b.update(b_bytes);
}

bool can_check_blocks() {
  return sha256_gains_from_two();
}

bool is_right_block(const BlockChain& chain, const std::string& sha256, std::uint64_t block,
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
