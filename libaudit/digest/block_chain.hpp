// The states of SHA-256 at every 16 MiB of a file: a proof of the file that can be checked block by
// block.
//
// A block is right if it leads from one state to the next, and the last state and the rest of the
// file lead to the digest. So a damaged block is found by itself, also by an untrusted chain: a
// forged one makes good blocks look damaged, and a file counts as right only when all of it hashes
// to its digest.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "digest/digest.hpp"

namespace hfaudit {

inline constexpr std::uint64_t chain_block_bytes = std::uint64_t{16} << 20;

struct BlockChain {
  std::uint64_t size = 0;           // of the file, in bytes
  std::vector<Sha256State> states;  // after each whole block

  friend bool operator==(const BlockChain&, const BlockChain&) = default;

  // How many blocks the file has, the last of which may be shorter.
  [[nodiscard]] std::uint64_t blocks() const {
    return size / chain_block_bytes + (size % chain_block_bytes == 0 ? 0 : 1);
  }
  [[nodiscard]] std::uint64_t length_of(std::uint64_t block) const;
};

class ChainedSha256;
struct ChainedInput {
  ChainedSha256* hash;
  Bytes bytes;
};

// SHA-256 that remembers its states. OpenSSL's digest hides its states.
class ChainedSha256 {
 public:
  [[nodiscard]] static Result<ChainedSha256> begin();
  // From the state after so many whole blocks of a chain. nullopt: as Sha256::resume().
  [[nodiscard]] static std::optional<ChainedSha256> resume(const Sha256State& state,
                                                           std::uint64_t blocks);

  void update(Bytes bytes);
  // As update_all() of digest.hpp.
  friend void update_all(const Sha256Plan& plan, std::span<const ChainedInput> inputs);
  [[nodiscard]] Result<Sha256Digest> finish() { return hash_.finish(); }
  // After each whole block so far.
  [[nodiscard]] const std::vector<Sha256State>& states() const { return states_; }
  // After finish(); empty where OpenSSL's digest was used, or the file is smaller than a block.
  [[nodiscard]] std::vector<Sha256State> take_states() { return std::move(states_); }

 private:
  explicit ChainedSha256(Sha256 hash) : hash_(std::move(hash)) {}
  [[nodiscard]] std::size_t until_boundary() const {
    return static_cast<std::size_t>(chain_block_bytes - length_ % chain_block_bytes);
  }
  void advance(std::size_t bytes);

  Sha256 hash_;
  std::uint64_t length_ = 0;
  std::vector<Sha256State> states_;
};
void update_all(const Sha256Plan& plan, std::span<const ChainedInput> inputs);

// Whether block number `block` of the file with that chain and digest (in hex) is `bytes`. False
// where a SHA-256 with states is unavailable (sha256_has_states).
[[nodiscard]] bool is_right_block(const BlockChain& chain, std::string_view sha256,
                                  std::uint64_t block, Bytes bytes);

}  // namespace hfaudit
