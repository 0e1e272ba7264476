// OpenSSL's blocks, where the processor lacks instructions for SHA-256. Unlike its digests they
// begin at any state, so that a message may come into lanes and leave them.
#include "digest/sha256_kernel.hpp"
#include "os/crypto.hpp"

namespace hfaudit {
namespace {

void openssl_one(Sha256State& state, const unsigned char* blocks, std::size_t count) {
  os::hash_blocks(state, {blocks, count * sha256_block});
}

void openssl_two(Sha256State& a, const unsigned char* a_blocks, Sha256State& b,
                 const unsigned char* b_blocks, std::size_t count) {
  openssl_one(a, a_blocks, count);
  openssl_one(b, b_blocks, count);
}

constexpr Sha256Kernel openssl_blocks{"OpenSSL", openssl_one, openssl_two, false};

}  // namespace

const Sha256Kernel* sha256_openssl() {
  return os::can_hash_blocks() ? &openssl_blocks : nullptr;
}

}  // namespace hfaudit
