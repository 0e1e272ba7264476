// Instructions of this processor.
#pragma once

namespace hfaudit::os {

// It has all the instructions that the SHA-256 kernel of its architecture uses
// (digest/sha256_kernel.hpp). Asks the processor each time, which costs microseconds in a virtual
// machine.
[[nodiscard]] bool cpu_has_sha256();

// For its kernels of many lanes (digest/sha256_kernel.hpp); the system keeps these registers, too.
[[nodiscard]] bool cpu_has_avx2();
[[nodiscard]] bool cpu_has_avx512();  // F and BW

}  // namespace hfaudit::os
