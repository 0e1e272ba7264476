// Folders in which root acts while others may write: each step by descriptor, into no link and no other mount, and
// every change on the very inode that was looked at.
//
// The danger: whoever can write in a folder can swap what is in it at any moment, and give a file of root's that
// lies elsewhere a second name in it. So a file is changed only if it has one name, this one, and nothing has
// happened to its inode (its ctime) since before the work began.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hfaudit/result.hpp"
#include "model/inventory.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// An entry that was looked at.
struct Guarded {
  Meta meta;
  std::uint64_t names = 1;  // hard links
};

class GuardedDirectory {
 public:
  // The folder that `path` leads to, if nobody but root and `user` had a say in where: a link on the way is
  // followed where it is root's, or the user's own and leads to a folder of theirs; of a folder on the way into
  // which others may write, the same is asked. Errors: EPERM, somebody else had.
  [[nodiscard]] static Result<GuardedDirectory> open_root(const std::string& path, std::uint32_t user);

  // A folder in this one. Errors: ELOOP (a link), EXDEV (another mount), ENOTDIR.
  [[nodiscard]] Result<GuardedDirectory> enter(const std::string& name) const;
  // Errors: EXDEV, another mount.
  [[nodiscard]] Result<Guarded> look(const std::string& name) const;
  [[nodiscard]] Result<Guarded> look_at_itself() const;
  [[nodiscard]] Result<void> list(const std::function<void(const DirectoryEntry&)>& each) const;
  [[nodiscard]] Result<std::string> read_link(const std::string& name) const { return directory_.read_link(name); }

  // Gives `name` to a user and group, or sets its permission bits, if it is still what was looked at. `since_ns`:
  // when the work began; what was touched later is left alone. Errors: ESTALE (it has changed), EMLINK (it has
  // another name), EPERM (neither a file, a folder nor a link). A link itself is given, not what it leads to; it
  // has no bits.
  [[nodiscard]] Result<void> give(const std::string& name, const Guarded& seen, std::uint32_t uid,
                                  std::uint32_t gid, std::int64_t since_ns) const;
  [[nodiscard]] Result<void> set_mode(const std::string& name, const Guarded& seen, std::uint32_t mode,
                                      std::int64_t since_ns) const;
  // The folder itself, which was opened from its parent.
  [[nodiscard]] Result<void> give_itself(const Guarded& seen, std::uint32_t uid, std::uint32_t gid) const;

 private:
  explicit GuardedDirectory(Directory directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<int> hold(const std::string& name, const Guarded& seen, std::int64_t since_ns) const;

  Directory directory_;
};

// Now. Waits until what happens to a file from then on gives it a later ctime than that.
[[nodiscard]] std::int64_t begin_guarding();

}  // namespace hfaudit::os
