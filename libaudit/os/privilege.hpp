// Root's rights, and giving them up.
#pragma once

#include <cstdint>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

[[nodiscard]] bool is_root();

// This process becomes another user, with that user's groups, for good: real, effective and saved
// ids, no capabilities, no way back. Checks that it is so. While no other thread runs. Errors: the
// system refused; then nothing must be done any more.
[[nodiscard]] Result<void> become(std::uint32_t uid, std::uint32_t gid);

}  // namespace hfaudit::os
