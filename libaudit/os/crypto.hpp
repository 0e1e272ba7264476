// OpenSSL's digests. libcrypto is loaded when the first one begins, once for all threads: a scan
// needs none, and must not pay for loading it. With HFAUDIT_LINK_OPENSSL defined it is linked
// instead.
#pragma once

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
  // `into`: 20 bytes for SHA-1, 32 for SHA-256. Ends the digest. Tells what went wrong in update()
  // too.
  [[nodiscard]] Result<void> finish(std::span<unsigned char> into);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  explicit CryptoDigest(evp_md_ctx_st* context) : context_(context) {}

  std::unique_ptr<evp_md_ctx_st, Free> context_;
  bool failed_ = false;
};

}  // namespace hfaudit::os
