// Reads the values of evidence.hpp from the disk: each file once, heads only.
#pragma once

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// `repo` is the folder that `inventory` was walked from. Unreadable files go to
// inventory.unreadable. `local_dir`: entries lie in `repo` itself instead of snapshots/<commit>/.
[[nodiscard]] Evidence gather_evidence(const os::Directory& repo, RepoInventory& inventory,
                                       bool local_dir = false);

}  // namespace hfaudit
