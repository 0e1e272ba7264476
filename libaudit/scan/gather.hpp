// Reads the values of evidence.hpp from the disk: each file once, heads only.
#pragma once

#include <cstdint>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "os/fs.hpp"

namespace hfaudit {

// Where the entries of a revision lie: in snapshots/<commit>/ of the repo's folder in a hub cache,
// in the folder itself of a --local-dir.
enum class EntryFolder : std::uint8_t { snapshot, itself };

// `repo` is the folder that `inventory` was walked from. Unreadable files go to
// inventory.unreadable.
[[nodiscard]] Evidence gather_evidence(const os::Directory& repo, RepoInventory& inventory,
                                       EntryFolder entries = EntryFolder::snapshot);

}  // namespace hfaudit
