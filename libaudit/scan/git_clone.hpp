// A folder that is the working tree of a git clone: the listing of its checked-out commit.
//
// git itself is asked, with commands that only read objects and the index. A clone is untrusted:
// its configuration may name programs. So git runs without the user's and the system's
// configuration, with the programs that it could start for these commands switched off, without a
// network, and only where the folder and its `.git` belong to the user of this process. The answers
// are bounded in size and time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hfaudit/result.hpp"
#include "listings/listings.hpp"
#include "os/fs.hpp"

namespace hfaudit {

struct GitClone {
  std::string commit;
  std::string branch;               // empty where HEAD is detached
  Tree tree;                        // the commit's files; of an LFS file the values of its pointer
  std::vector<std::string> wanted;  // those that the working tree should hold, sorted
};

// nullopt: `.git` is absent. Error: the reason why `.git` is unreadable. `path` is that of `root`.
[[nodiscard]] Result<std::optional<GitClone>> read_git_clone(const os::Directory& root,
                                                             const std::string& path);

}  // namespace hfaudit
