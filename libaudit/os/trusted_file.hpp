// Files that control this program, such as its configuration: read only if other users were unable
// to write or replace them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// The content of the absolute `path`, up to `most` bytes; nullopt: it is absent, or in a folder
// that is closed to this process. Each folder and link on the way, and the file itself, must belong
// to this process's user or to root, and must be closed to writes of others; a sticky folder may be
// open. A private group of its owner (is_private_group) counts as that user, unless an access
// control list names more. Errors, of `path`, with the path that it leads to in the cause: EPERM,
// another user can influence it; EFBIG; those of the system.
[[nodiscard]] Result<std::optional<std::string>> read_trusted_file(const std::string& path,
                                                                   std::uint64_t most);

}  // namespace hfaudit::os
