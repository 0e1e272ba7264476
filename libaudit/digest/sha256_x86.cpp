// SHA-NI. The functions name their own target, so the rest of the program runs on any x86-64.
#include "digest/sha256_kernel.hpp"
#include "os/cpu.hpp"

#if defined(__x86_64__)
#include "digest/sha256_ni_rounds.hpp"

#define HFAUDIT_SHA256_ENTRY __attribute__((target("sha,sse4.1,ssse3")))
#define HFAUDIT_SHA256_PART HFAUDIT_SHA256_NI_PART
#include "digest/sha256_rounds.hpp"

namespace hfaudit {
namespace {

constexpr Sha256Kernel sha256_instructions{"SHA-NI", one, two, true};

}  // namespace

const Sha256Kernel* sha256_x86() {
  return os::cpu_has_sha256() ? &sha256_instructions : nullptr;
}

}  // namespace hfaudit
#else
const hfaudit::Sha256Kernel* hfaudit::sha256_x86() {
  return nullptr;
}
#endif
