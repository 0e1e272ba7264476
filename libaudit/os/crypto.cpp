// The low-level functions of SHA-256 are deprecated, and the only ones with a state.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "os/crypto.hpp"

#ifndef HFAUDIT_LINK_OPENSSL
#include <dlfcn.h>
#endif
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "os/static_runtime.hpp"

namespace hfaudit::os {
namespace {

// The functions used of libcrypto.
struct Functions {
  decltype(&::EVP_MD_CTX_new) context_new = nullptr;
  decltype(&::EVP_MD_CTX_free) context_free = nullptr;
  decltype(&::EVP_sha1) sha1 = nullptr;
  decltype(&::EVP_sha256) sha256 = nullptr;
  decltype(&::EVP_DigestInit_ex) init = nullptr;
  decltype(&::EVP_DigestUpdate) update = nullptr;
  decltype(&::EVP_DigestFinal_ex) final = nullptr;
  decltype(&::SHA256_Update) update_sha256 = nullptr;  // may be missing
};

struct Library {
  Functions functions;
  std::string problem;  // empty: loaded
};

#ifdef HFAUDIT_LINK_OPENSSL

Library load() {
  keep_openssl_unconfigured();
  return {{::EVP_MD_CTX_new, ::EVP_MD_CTX_free, ::EVP_sha1, ::EVP_sha256, ::EVP_DigestInit_ex,
           ::EVP_DigestUpdate, ::EVP_DigestFinal_ex, ::SHA256_Update},
          {}};
}

#else

constexpr auto file_name = "libcrypto.so.3";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

// Stays loaded: OpenSSL registers handlers that run when the process ends.
Library load() {
  Library library;
  auto& f = library.functions;
  void* handle = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr && find(handle, "EVP_MD_CTX_new", f.context_new) &&
      find(handle, "EVP_MD_CTX_free", f.context_free) && find(handle, "EVP_sha1", f.sha1) &&
      find(handle, "EVP_sha256", f.sha256) && find(handle, "EVP_DigestInit_ex", f.init) &&
      find(handle, "EVP_DigestUpdate", f.update) && find(handle, "EVP_DigestFinal_ex", f.final)) {
    (void)find(handle, "SHA256_Update", f.update_sha256);
    return library;
  }
  const char* why = ::dlerror();
  library.problem =
      std::string(why != nullptr ? why : "not what it should be") +
      "; install OpenSSL 3 (Debian 12: libssl3, Debian 13 and Ubuntu 24.04: libssl3t64)";
  return library;
}

#endif

// libcrypto sets itself up with its first digest, and ends the process where memory for that is
// lacking. So both are done at once, after a trial allocation of the same size.
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

// Without leftovers from before, an update of whole blocks hashes exactly the blocks.
void update_blocks(std::span<std::uint32_t, sha256_state_words> state,
                   std::span<const unsigned char> blocks) {
  ::SHA256_CTX context{};
  std::copy(state.begin(), state.end(), context.h);
  context.md_len = SHA256_DIGEST_LENGTH;
  (void)library().functions.update_sha256(&context, blocks.data(), blocks.size());
  std::copy_n(context.h, state.size(), state.begin());
}

// The structure is OpenSSL's own: whether it is the one of our headers is tried with "abc".
bool try_blocks() {
  const auto& [crypto, problem] = library();
  if (!problem.empty() || crypto.update_sha256 == nullptr) return false;
  std::array<std::uint32_t, sha256_state_words> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                                      0xa54ff53a, 0x510e527f, 0x9b05688c,
                                                      0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, SHA256_CBLOCK> block{'a', 'b', 'c', 0x80};
  block.back() = 24;  // bits
  update_blocks(state, block);
  return state == std::array<std::uint32_t, sha256_state_words>{0xba7816bf, 0x8f01cfea, 0x414140de,
                                                                0x5dae2223, 0xb00361a3, 0x96177a9c,
                                                                0xb410ff61, 0xf20015ad};
}

}  // namespace

bool can_hash_blocks() {
  static const bool can = try_blocks();
  return can;
}

void hash_blocks(std::span<std::uint32_t, sha256_state_words> state,
                 std::span<const unsigned char> blocks) {
  update_blocks(state, blocks);
}

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
  // libcrypto writes the full hash, regardless of the room
  unsigned char full[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (failed_ || library().functions.final(context_.get(), full, &size) != 1 || size != into.size())
    return failure("compute", "digest", "OpenSSL failed");
  std::copy_n(full, size, into.begin());
  return {};
}

}  // namespace hfaudit::os
