// ARMv8's SHA-2 instructions. The functions name their own target (but see CMakeLists.txt).
#include "digest/sha256_kernel.hpp"
#include "os/cpu.hpp"

#if defined(__AARCH64EL__)
#include <arm_neon.h>

// GCC's arm_neon.h asks for AES beside SHA-2, by the name of both; AES stays unused.
#if defined(__clang__)
#define HFAUDIT_SHA256_ENTRY __attribute__((target("sha2")))
#define HFAUDIT_SHA256_PART __attribute__((target("sha2"), always_inline)) inline
#else
#define HFAUDIT_SHA256_ENTRY __attribute__((target("+crypto")))
#define HFAUDIT_SHA256_PART __attribute__((target("+crypto"), always_inline)) inline
#endif

namespace hfaudit {
namespace {

struct RoundState {
  const unsigned char* next;
  uint32x4_t abcd, efgh;  // the state
  uint32x4_t old_abcd, old_efgh;
  uint32x4_t words[4];  // the last 16 words of the message schedule
  uint32x4_t sum;       // four of them, with the constants of their rounds
  uint32x4_t before;    // abcd before these four rounds
};

HFAUDIT_SHA256_PART RoundState begin(const Sha256State& state, const unsigned char* blocks) {
  RoundState s{};
  s.next = blocks;
  s.abcd = vld1q_u32(state.data());
  s.efgh = vld1q_u32(state.data() + 4);
  return s;
}

HFAUDIT_SHA256_PART void end(const RoundState& s, Sha256State& state) {
  vst1q_u32(state.data(), s.abcd);
  vst1q_u32(state.data() + 4, s.efgh);
}

HFAUDIT_SHA256_PART void read_words(RoundState& s, std::size_t at) {
  s.words[at] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(s.next + 16 * at)));
}

HFAUDIT_SHA256_PART void make_words(RoundState& s, std::size_t at) {
  const uint32x4_t half = vsha256su0q_u32(s.words[at], s.words[(at + 1) % 4]);
  s.words[at] = vsha256su1q_u32(half, s.words[(at + 2) % 4], s.words[(at + 3) % 4]);
}

// Every step for all streams before the next step: their instructions alternate.
template <class... Streams>
HFAUDIT_SHA256_PART void four_rounds(std::size_t round, std::size_t at, Streams&... s) {
  const uint32x4_t constants = vld1q_u32(sha256_rounds.data() + round);
  ((s.sum = vaddq_u32(s.words[at], constants), s.before = s.abcd), ...);
  ((s.abcd = vsha256hq_u32(s.abcd, s.efgh, s.sum)), ...);
  ((s.efgh = vsha256h2q_u32(s.efgh, s.before, s.sum)), ...);
}

HFAUDIT_SHA256_PART void keep_state(RoundState& s) {
  s.old_abcd = s.abcd;
  s.old_efgh = s.efgh;
}

HFAUDIT_SHA256_PART void add_state(RoundState& s) {
  s.abcd = vaddq_u32(s.abcd, s.old_abcd);
  s.efgh = vaddq_u32(s.efgh, s.old_efgh);
}

}  // namespace
}  // namespace hfaudit

#include "digest/sha256_rounds.hpp"

namespace hfaudit {
namespace {

constexpr Sha256Kernel sha256_instructions{"ARMv8 SHA-2", one, two, true};

}  // namespace

const Sha256Kernel* sha256_arm() {
  return os::cpu_has_sha256() ? &sha256_instructions : nullptr;
}

}  // namespace hfaudit
#else
const hfaudit::Sha256Kernel* hfaudit::sha256_arm() {
  return nullptr;
}
#endif
