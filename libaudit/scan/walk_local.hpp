// A `hf download --local-dir` folder: plain files, with the client's records in
// `.cache/huggingface` (0.23: in
// `.huggingface`). A folder that another tool filled (aria2) is judged by the headers of its files,
// a git clone by its commit (git_clone.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "os/fs.hpp"
#include "os/users.hpp"

namespace hfaudit {

struct LocalDownload {
  RepoInventory inventory;            // one revision, the newest that the records name
  std::vector<LocalRecord> recorded;  // sorted by file
};

// `path` is that of `root`, for checks of access.
[[nodiscard]] LocalDownload walk_local_dir(const os::Directory& root, const os::CacheUser& user,
                                           const std::string& path);

// Whether a download into a folder can have a file at `path` open, by the path that /proc/<pid>/fd
// shows: aria2 writes into files that have their final names.
[[nodiscard]] bool may_be_local_partial(std::string_view path);

// Which partial files there are is known once the listing is: one that it names is a file, and one
// with a hashed name gets the file that it is to become. Entries that a partial stands for go.
void settle_partials(RepoInventory& inventory, const Evidence& evidence);

}  // namespace hfaudit
