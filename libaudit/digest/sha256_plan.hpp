// Which of the SHA-256 kernels this process uses.
//
// A single message is hashed by the processor's SHA instructions, else by OpenSSL. Whether lanes
// are faster for many depends on the processor, and on its clock where it slows down for wide
// vectors: a trial finds out, in a third of a millisecond. It also compares their results, and
// drops a kernel that differs.
//
// HFAUDIT_SHA256, a list of `sha`, `openssl`, `avx2`, `avx512` and `beside` with commas, restricts
// the choice: for tests and measurements. All of them compute the same.
#pragma once

#include <string_view>

#include "digest/lane_schedule.hpp"

namespace hfaudit {

// The permitted kernels, if the processor has them.
struct Sha256Choice {
  bool sha = true, openssl = true;  // one stream or two; if both are excluded, both
  bool avx2 = true, avx512 = true;  // lanes
  bool beside = true;               // lanes beside a stream of SHA instructions
};
// Unknown words are ignored; a list without a known word is ignored.
[[nodiscard]] Sha256Choice sha256_choice(std::string_view list);

// The kernel for single messages. nullptr: only OpenSSL's digests are to be had, if at all.
[[nodiscard]] const Sha256Kernel* sha256_alone(const Sha256Choice& choice);
// Tries lanes, too.
[[nodiscard]] Sha256Plan sha256_trial(const Sha256Choice& choice);

// Those of this process, by HFAUDIT_SHA256. The trial is made once.
[[nodiscard]] const Sha256Plan& sha256_quick_plan();  // without a trial and without lanes
[[nodiscard]] const Sha256Plan& sha256_best_plan();

}  // namespace hfaudit
