// Folders that got, changed or lost a name and await their sync. A power cut loses a synced file
// whose name is unsynced, so success is reported only after all of these were synced. Everything in
// os/write_fs notes its folders here; any thread.
#pragma once

#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

void note_new_name(const Directory& folder);

// Syncs the folders noted since the last call. The error is the first one, also of a folder that
// had to be synced before, because too many were open. A file system without a sync of folders
// (EINVAL and its kind) is ignored.
[[nodiscard]] Result<void> sync_new_names();

}  // namespace hfaudit::os
