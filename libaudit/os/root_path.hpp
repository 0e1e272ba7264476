// Paths that root goes to write where another user may have laid a link: a cache, a --local-dir, a
// report.
//
// A path that the user names may lead through folders of other users. A user with write access to
// one of them can put a link in the way, and root's files would land at its target. So root follows
// a link only where
//   - root alone may write in the folder that holds it, or it is root's own in a sticky folder;
//   - or it belongs to the owner of its folder (in a folder of root's that others may write: to any
//     user) and leads to a folder or file of that same user.
// For all other users every link is followed: they reach only what their own rights allow.
#pragma once

#include <string>

#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// A descriptor (O_PATH) that closes itself.
class PathHandle {
 public:
  explicit PathHandle(int fd) : fd_(fd) {}
  PathHandle(PathHandle&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  PathHandle& operator=(PathHandle&& other) noexcept;
  PathHandle(const PathHandle&) = delete;
  PathHandle& operator=(const PathHandle&) = delete;
  ~PathHandle();

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// The target of `path`. Error EPERM: another user's link is in the way, and this process is root.
[[nodiscard]] Result<PathHandle> find_path(const std::string& path);

// The folder that `path` leads to, to be listed and written in.
[[nodiscard]] Result<Directory> open_folder_at(const std::string& path);

}  // namespace hfaudit::os
