// Whether root works in another user's cache.
#pragma once

#include "options/arguments.hpp"

namespace hfaudit::cli {

// This process is root, and the cache or folder that the arguments name belongs to another user;
// where it is absent, the nearest folder above it.
[[nodiscard]] bool is_root_in_foreign_cache(const Arguments& arguments);

}  // namespace hfaudit::cli
