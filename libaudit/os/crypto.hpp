// OpenSSL's digests. libcrypto is loaded when the first one begins, once for all threads: a scan
// needs none, and must not pay for loading it. With HFAUDIT_LINK_OPENSSL defined it is linked
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

// A running digest. Movable. One thread at a time; different ones know nothing of each other.
class CryptoDigest {
 public:
  // Fails where there is no libcrypto, or where it is set up not to do this hash (FIPS).
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
// made of, in the instructions that it chooses. It cannot where there is no libcrypto, or one
// without its low-level functions.
constexpr std::size_t sha256_state_words = 8;
[[nodiscard]] bool can_hash_blocks();
void hash_blocks(std::span<std::uint32_t, sha256_state_words> state,
                 std::span<const unsigned char> blocks);

}  // namespace hfaudit::os
