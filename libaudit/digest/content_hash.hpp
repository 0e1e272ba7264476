// The digest of a file that is still incomplete.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "cache/content.hpp"
#include "digest/block_chain.hpp"
#include "digest/digest.hpp"

namespace hfaudit {

class ContentHash {
 public:
  // Fails where OpenSSL is needed but unavailable.
  [[nodiscard]] static Result<ContentHash> begin(HashKind kind, std::uint64_t size);
  void update(std::span<const char> bytes);
  [[nodiscard]] Result<std::string> finish();  // lower-case hex
  // After finish(): as ContentRead::chain.
  [[nodiscard]] std::vector<Sha256State> take_chain();

 private:
  explicit ContentHash(std::variant<ChainedSha256, GitSha1> running)
      : running_(std::move(running)) {}
  std::variant<ChainedSha256, GitSha1> running_;
};

}  // namespace hfaudit
