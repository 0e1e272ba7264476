// Folders in which root acts while others may write: each step by descriptor, stopping at links and
// other mounts, and every change on the very inode that was inspected.
//
// The danger: a user with write access to a folder can swap its entries at any moment, and give a
// file of root that lies elsewhere a second name in it. So a file is changed only if it has one
// name, this one, and its inode is unchanged (by its ctime) since before the work began.
//
// A link is trusted by its folder as well as its owner: a user with write access to a folder may
// rename a link of root into the way, and root has left links in many places.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/file_info.hpp"
#include "base/sharing.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// An inspected entry.
struct SecureEntry {
  FileInfo meta;
  std::uint64_t names = 1;  // hard links
};

class SecureDirectory {
 public:
  // The folder that `path` leads to. A link on the way is followed where it is root's, in a folder
  // that root alone may write; any other one of root's or `user`'s only to a folder of that user's;
  // a stranger's is refused. Where the way goes through a stranger's folder, or one that others may
  // write, it must end at a folder of the user's, too. Errors: EPERM, a condition is violated, or
  // the folder lies on a file system of the kernel's own (/proc, cgroups).
  [[nodiscard]] static Result<SecureDirectory> open_root(const std::string& path,
                                                         std::uint32_t user);

  // The same by the rights of this process alone, an ordinary user's: any link is followed.
  [[nodiscard]] static Result<SecureDirectory> open_as_user(const std::string& path);

  // A folder in this one. Errors: ELOOP (a link), EXDEV (another mount), ENOTDIR.
  [[nodiscard]] Result<SecureDirectory> enter(const std::string& name) const;
  // Errors: EXDEV, another mount.
  [[nodiscard]] Result<SecureEntry> inspect(const std::string& name) const;
  [[nodiscard]] Result<SecureEntry> inspect_self() const;
  [[nodiscard]] Result<void> list(const std::function<void(const DirectoryEntry&)>& each) const;
  [[nodiscard]] Result<std::string> read_link(const std::string& name) const {
    return directory_.read_link(name);
  }

  // Gives `name` to a user and group, if it is still the inspected file. `since_ns`: when the work
  // began; later changes are left alone. Errors: ESTALE (it has changed), EAGAIN (it may have: ask
  // a second later), EMLINK (it has another name), EPERM (neither a file, a folder nor a link). Of
  // a link, the link itself is given.
  [[nodiscard]] Result<void> chown(const std::string& name, const SecureEntry& seen,
                                   std::uint32_t uid, std::uint32_t gid,
                                   std::int64_t since_ns) const;
  // Gives a file or folder to a group. The same errors as chown().
  [[nodiscard]] Result<void> share(const std::string& name, const SecureEntry& seen,
                                   const GroupShare& how, std::int64_t since_ns) const;
  [[nodiscard]] Result<void> share_self(const SecureEntry& seen, const GroupShare& how) const;
  // A list that new entries inherit their access from.
  [[nodiscard]] bool has_default_acl() const;
  // For reading.
  [[nodiscard]] const Directory& directory() const { return directory_; }
  // The folder itself: the root of a mount lacks a parent on it.
  [[nodiscard]] Result<void> chown_self(const SecureEntry& seen, std::uint32_t uid,
                                        std::uint32_t gid) const;

 private:
  explicit SecureDirectory(Directory directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<int> hold(const std::string& name, const SecureEntry& seen,
                                 std::int64_t since_ns) const;

  Directory directory_;
};

// Now. Waits until every later change of a file gives it a later ctime than that.
[[nodiscard]] std::int64_t secure_clock_now();

}  // namespace hfaudit::os
