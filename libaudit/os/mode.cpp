#include "os/mode.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace hfaudit::os {

Result<void> set_mode(const Directory& folder, const std::string& name, const FileKey& key,
                      std::uint32_t mode) {
  const auto failed = [&](int code) {
    return failure("change the permissions of", name, std::generic_category().message(code), code);
  };
  const int fd = ::openat(folder.fd(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return failed(errno);
  struct stat status{};
  const int stat_code = ::fstat(fd, &status) == 0 ? 0 : errno;
  const bool known = stat_code == 0;
  const bool same = known && FileKey{status.st_dev, status.st_ino} == key;
  const bool sound = same && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  // fchmod() refuses a descriptor by O_PATH; its name in /proc leads to this very inode, regardless
  // of renames.
  int code = sound ? 0 : ENOENT;  // the inspected file is gone; another one has its name
  if (!known) code = stat_code;
  if (sound && ::chmod(("/proc/self/fd/" + std::to_string(fd)).c_str(), mode) != 0) code = errno;
  // Without /proc: other users than root can only change their own files.
  if (code == ENOENT && ::geteuid() != 0)
    code = ::fchmodat(folder.fd(), name.c_str(), mode, 0) == 0 ? 0 : errno;
  ::close(fd);
  if (code != 0) return failed(code);
  return {};
}

}  // namespace hfaudit::os
