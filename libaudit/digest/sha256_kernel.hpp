// SHA-256 of whole blocks: by the processor's own instructions, by OpenSSL, or in the lanes of
// vector registers.
//
// A block is 64 bytes; padding, tails and lengths are those of digest.cpp. Every step needs the
// result of the one before, so one stream leaves the unit idle for half of the time. `two` takes
// turns between two streams, which fill the unit of Zen 3 (tests/bench/README.md has numbers): a
// third one gains hardly anything, and loses where the compiler runs out of registers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hfaudit {

constexpr std::size_t sha256_block = 64;
using Sha256State = std::array<std::uint32_t, 8>;

// Any alignment, any thread; the states of `two` are different ones.
struct Sha256Kernel {
  const char* name;
  void (*one)(Sha256State& state, const unsigned char* blocks, std::size_t count);
  void (*two)(Sha256State& a, const unsigned char* a_blocks, Sha256State& b,
              const unsigned char* b_blocks, std::size_t count);
  bool gains_from_two;  // `two` is faster than `one` and `one`
};

// Several messages side by side in the lanes of vector registers: their steps are independent. All
// advance by the same number of blocks. With `beside` there is one message more, in the processor's
// SHA instructions, which advances by so many blocks for each one of theirs.
struct Sha256Lanes {
  const char* name;
  std::size_t lanes;
  std::size_t beside;  // 0 without
  // Of `lanes` messages, and the one beside: different states, any alignment, any thread.
  void (*advance)(Sha256State* const* states, const unsigned char* const* blocks,
                  std::size_t count);
};

// nullptr: built for another architecture, or this processor lacks the instructions.
[[nodiscard]] const Sha256Kernel* sha256_x86();
[[nodiscard]] const Sha256Kernel* sha256_arm();
// Loads OpenSSL. nullptr: it is unavailable.
[[nodiscard]] const Sha256Kernel* sha256_openssl();
[[nodiscard]] const Sha256Lanes* sha256_avx2();
[[nodiscard]] const Sha256Lanes* sha256_avx2_beside();
[[nodiscard]] const Sha256Lanes* sha256_avx512();
[[nodiscard]] const Sha256Lanes* sha256_avx512_beside();

// Writes the padding of a message of `length` bytes behind its last length % 64 ones, with which
// `last` begins. Returns how many blocks that makes: 1 or 2.
std::size_t pad_sha256(std::span<unsigned char, 2 * sha256_block> last, std::uint64_t length);

constexpr Sha256State sha256_start{0x6a09e667U, 0xbb67ae85U, 0x3c6ef372U, 0xa54ff53aU,
                                   0x510e527fU, 0x9b05688cU, 0x1f83d9abU, 0x5be0cd19U};

// One constant a round.
alignas(64) constexpr std::array<std::uint32_t, 64> sha256_rounds{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

}  // namespace hfaudit
