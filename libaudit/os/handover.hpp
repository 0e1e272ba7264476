// The owner of a new entry. A pull or a repair as root leaves no file that the owner of the cache
// cannot replace, and in a cache that a group shares none that its members cannot.
#pragma once

#include <cstdint>

#include "os/fs.hpp"

namespace hfaudit::os {

// The owner of new entries in this folder: we, or, if we are root, the folder's owner.
[[nodiscard]] std::uint32_t owner_of_new_files(const Directory& folder);
// A new entry: root gives it to the folder's owner; then the group gets the access that the folder
// declares (base/sharing).
void hand_over(int fd, const Directory& folder);
// The latter alone, of a file or folder that this process made.
void share_as_declared(int fd, const Directory& folder);

}  // namespace hfaudit::os
