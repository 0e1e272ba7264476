// Permission bits.
#pragma once

#include <cstdint>
#include <string>

#include "base/file_info.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// The permission bits of `name`, if it is still the file `key` and a regular file or a folder;
// links are refused. Works for a file that its owner is unable to open. Errors: ESTALE, another
// file stands there.
[[nodiscard]] Result<void> set_mode(const Directory& folder, const std::string& name,
                                    const FileKey& key, std::uint32_t mode);

}  // namespace hfaudit::os
