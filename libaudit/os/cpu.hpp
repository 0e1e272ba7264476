// What this processor can do.
#pragma once

namespace hfaudit::os {

// It has all the instructions that the SHA-256 kernel of its architecture uses
// (digest/sha256_kernel.hpp). Asks the processor each time, which costs microseconds in a virtual
// machine.
[[nodiscard]] bool cpu_has_sha256();

}  // namespace hfaudit::os
