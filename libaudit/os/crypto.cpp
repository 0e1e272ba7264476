#include "os/crypto.hpp"

#ifndef HFAUDIT_LINK_OPENSSL
#include <dlfcn.h>
#endif
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "os/static_runtime.hpp"

namespace hfaudit::os {
namespace {

// What is used of libcrypto.
struct Functions {
  decltype(&::EVP_MD_CTX_new) context_new = nullptr;
  decltype(&::EVP_MD_CTX_free) context_free = nullptr;
  decltype(&::EVP_sha1) sha1 = nullptr;
  decltype(&::EVP_sha256) sha256 = nullptr;
  decltype(&::EVP_DigestInit_ex) init = nullptr;
  decltype(&::EVP_DigestUpdate) update = nullptr;
  decltype(&::EVP_DigestFinal_ex) final = nullptr;
};

struct Library {
  Functions functions;
  std::string problem;  // empty: loaded
};

#ifdef HFAUDIT_LINK_OPENSSL

Library load() {
  keep_openssl_unconfigured();
  return {{::EVP_MD_CTX_new, ::EVP_MD_CTX_free, ::EVP_sha1, ::EVP_sha256, ::EVP_DigestInit_ex,
           ::EVP_DigestUpdate, ::EVP_DigestFinal_ex},
          {}};
}

#else

constexpr auto file_name = "libcrypto.so.3";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

// Never unloaded: OpenSSL registers what runs when the process ends.
Library load() {
  Library library;
  auto& f = library.functions;
  void* handle = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr && find(handle, "EVP_MD_CTX_new", f.context_new) &&
      find(handle, "EVP_MD_CTX_free", f.context_free) && find(handle, "EVP_sha1", f.sha1) &&
      find(handle, "EVP_sha256", f.sha256) && find(handle, "EVP_DigestInit_ex", f.init) &&
      find(handle, "EVP_DigestUpdate", f.update) && find(handle, "EVP_DigestFinal_ex", f.final))
    return library;
  const char* why = ::dlerror();
  library.problem =
      std::string(why != nullptr ? why : "not what it should be") +
      "; install OpenSSL 3 (Debian 12: libssl3, Debian 13 and Ubuntu 24.04: libssl3t64)";
  return library;
}

#endif

// libcrypto sets itself up with its first digest, and ends the process where it gets no memory for
// that. So both are done at once, after a trial of what they need.
Library load_and_begin() {
  constexpr std::size_t needs = std::size_t{12} << 20U;
  {
    const std::vector<char> trial(needs);
  }
  Library library = load();
  if (!library.problem.empty()) return library;
  const auto& f = library.functions;
  if (auto* context = f.context_new(); context != nullptr) {
    (void)f.init(context, f.sha1(), nullptr);
    f.context_free(context);
  }
  return library;
}

const Library& library() {
  static const Library loaded = load_and_begin();
  return loaded;
}

}  // namespace

void CryptoDigest::Free::operator()(evp_md_ctx_st* context) const {
  library().functions.context_free(context);
}

Result<CryptoDigest> CryptoDigest::begin(Hash hash) {
  const auto& [crypto, problem] = library();
  if (!problem.empty()) return failure("load", "OpenSSL's libcrypto", problem);
  CryptoDigest digest(crypto.context_new());
  const auto* algorithm = hash == Hash::sha1 ? crypto.sha1() : crypto.sha256();
  if (digest.context_ == nullptr || crypto.init(digest.context_.get(), algorithm, nullptr) != 1)
    return failure("begin", hash == Hash::sha1 ? "SHA-1" : "SHA-256",
                   "OpenSSL refuses; is it in FIPS mode?");
  return digest;
}

void CryptoDigest::update(std::span<const unsigned char> bytes) {
  if (library().functions.update(context_.get(), bytes.data(), bytes.size()) != 1) failed_ = true;
}

Result<void> CryptoDigest::finish(std::span<unsigned char> into) {
  // libcrypto writes as much as the hash is long, whatever the room
  unsigned char full[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (failed_ || library().functions.final(context_.get(), full, &size) != 1 || size != into.size())
    return failure("compute", "digest", "OpenSSL failed");
  std::copy_n(full, size, into.begin());
  return {};
}

}  // namespace hfaudit::os
