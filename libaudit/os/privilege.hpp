// The user of this process: root's rights, and giving them up.
#pragma once

#include <cstdint>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

[[nodiscard]] std::uint32_t effective_user();
[[nodiscard]] bool is_root();

// This process becomes another user, with that user's groups, for good: real, effective and saved
// ids, without capabilities or a way back. Checks the result. Only while this thread is the only
// one. Errors: the system refused; then the process must end.
[[nodiscard]] Result<void> become(std::uint32_t uid, std::uint32_t gid);

}  // namespace hfaudit::os
