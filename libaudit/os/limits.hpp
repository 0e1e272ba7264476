// The limits of this process.
#pragma once

#include <cstddef>

namespace hfaudit::os {

// How many descriptors it may have (RLIMIT_NOFILE).
[[nodiscard]] std::size_t open_file_limit();

}  // namespace hfaudit::os
