// OpenSSL's digests. libcrypto is loaded when the first one begins, once for all threads: a scan
// works without digests and is spared the loading. With HFAUDIT_LINK_OPENSSL defined it is linked
// instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "hfaudit/result.hpp"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX: its headers stay in crypto.cpp

namespace hfaudit::os {

enum class Hash { sha1, sha256 };

// A running digest. Movable. One thread at a time; different digests are independent.
class CryptoDigest {
 public:
  // Fails where libcrypto is missing, or where its configuration forbids this hash (FIPS).
  [[nodiscard]] static Result<CryptoDigest> begin(Hash hash);

  void update(std::span<const unsigned char> bytes);
  // `into`: 20 bytes for SHA-1, 32 for SHA-256. Ends the digest. Also reports an error of update().
  [[nodiscard]] Result<void> finish(std::span<unsigned char> into);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  explicit CryptoDigest(evp_md_ctx_st* context) : context_(context) {}

  std::unique_ptr<evp_md_ctx_st, Free> context_;
  bool failed_ = false;
};

// SHA-256 of whole blocks of 64 bytes, from any state: the function that OpenSSL's own digests are
// made of, in the instructions that it chooses. can_hash_blocks() is false where libcrypto or its
// low-level functions are missing.
constexpr std::size_t sha256_state_words = 8;
[[nodiscard]] bool can_hash_blocks();
void hash_blocks(std::span<std::uint32_t, sha256_state_words> state,
                 std::span<const unsigned char> blocks);

}  // namespace hfaudit::os
