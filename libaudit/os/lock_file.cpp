#include "os/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "os/handover.hpp"
#include "os/system_error.hpp"
#include "os/write_fs.hpp"

namespace hfaudit::os {
namespace {

// flock requires the right to write only on NFS; a lock that another user made with 0644 can be
// held all the same.
int open_lock(const Directory& folder, const std::string& name, LockFile::Make make, mode_t mode) {
  const int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  if (make == LockFile::Make::if_missing) {
    const int made = ::openat(folder.fd(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | flags, mode);
    if (made >= 0) {
      (void)::fchmod(made, mode);
      hand_over(made, folder);
    }
    if (made >= 0 || (errno != EEXIST && errno != EACCES && errno != EROFS)) return made;
  }
  const int fd = ::openat(folder.fd(), name.c_str(), O_RDWR | flags);
  if (fd >= 0 || (errno != EACCES && errno != EROFS)) return fd;
  return ::openat(folder.fd(), name.c_str(), O_RDONLY | flags);
}

// A lock of our own that the umask, or a client before huggingface_hub 1.4, closed to others. A
// file with content, or with another name, may be anything: any user with write access to the
// folder can have moved it here. For root the origin of a file here is unknown.
void open_for_others(int fd, const struct stat& status, const Directory& folder, mode_t mode) {
  const bool is_own = status.st_uid == ::geteuid() && ::geteuid() != 0;
  if (!is_own || status.st_size != 0 || status.st_nlink != 1) return;
  if ((status.st_mode & 07777U) != mode) (void)::fchmod(fd, mode);
  share_as_declared(fd, folder);
}

// Clients between filelock 3.20.4 and 3.29.4 removed a lock when they released it: the name must
// still lead to it.
bool still_there(int fd, const Directory& folder, const std::string& name) {
  struct stat held{};
  struct stat named{};
  return ::fstat(fd, &held) == 0 && held.st_nlink > 0 &&
         ::fstatat(folder.fd(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

Result<std::optional<LockFile>> LockFile::take(const Directory& folder, const std::string& name,
                                               Make make, std::uint32_t mode) {
  constexpr int attempts = 5;
  for (int i = 0; i < attempts; ++i) {
    const int fd = open_lock(folder, name, make, mode);
    if (fd < 0) return failed("open", name, errno);
    LockFile lock(fd);  // closes it
    struct stat status{};
    if (::fstat(fd, &status) != 0) return failed("stat", name, errno);
    if (!S_ISREG(status.st_mode)) return failed("lock", name, EINVAL);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::optional<LockFile>();
      return failed("lock", name, errno);
    }
    if (!still_there(fd, folder, name)) continue;
    open_for_others(fd, status, folder, mode);
    return std::optional<LockFile>(std::move(lock));
  }
  return failed("lock", name, ESTALE);
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace hfaudit::os
