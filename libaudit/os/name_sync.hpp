// Folders that got, changed or lost a name and are not on the disk yet. A file that was synced is
// lost in a power cut all the same if its name was not, so success is said only after all of these
// were synced. Everything in os/write_fs notes its folders here; any thread.
#pragma once

#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

void note_new_name(const Directory& folder);

// Syncs the folders noted since the last call. The error is the first one, also of a folder that
// had to be synced before, because too many were open. A file system that cannot sync folders and
// need not (EINVAL and its kind) is none.
[[nodiscard]] Result<void> sync_new_names();

}  // namespace hfaudit::os
