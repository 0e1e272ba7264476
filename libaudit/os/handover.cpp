#include "os/handover.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/sharing.hpp"
#include "os/users.hpp"

namespace hfaudit::os {

std::uint32_t owner_of_new_files(const Directory& folder) {
  struct stat status{};
  return ::geteuid() == 0 && ::fstat(folder.fd(), &status) == 0 ? status.st_uid : ::geteuid();
}

void hand_over(int fd, const Directory& folder) {
  struct stat status{};
  if (::fstat(folder.fd(), &status) != 0) return;
  // Where root lacks the right (in a container, or by a server's refusal), the file stays root's.
  if (::geteuid() == 0 && status.st_uid != 0 && !is_unmapped_user(status.st_uid))
    (void)!::fchownat(fd, "", status.st_uid, status.st_gid, AT_EMPTY_PATH);
  share_as_declared(fd, folder);
}

void share_as_declared(int fd, const Directory& folder) {
  struct stat around{};
  struct stat made{};
  if (::fstat(folder.fd(), &around) != 0 || !declares_sharing(around.st_mode)) return;
  if (::fstat(fd, &made) != 0 || made.st_nlink == 0) return;
  const bool is_folder = S_ISDIR(made.st_mode);
  const bool is_sole_name = S_ISREG(made.st_mode) && made.st_nlink == 1;
  if (!is_folder && !is_sole_name) return;
  // A list that new entries inherit their access from has decided.
  if (::fgetxattr(folder.fd(), "system.posix_acl_default", nullptr, 0) > 0) return;
  if (!group_may_write(folder.fd(), around.st_mode, around.st_gid)) return;
  if (made.st_gid != around.st_gid && ::fchown(fd, static_cast<uid_t>(-1), around.st_gid) != 0)
    return;
  const auto mode = made.st_mode & 07777U;
  const auto declared = is_folder ? declared_folder_mode(around.st_mode, mode)
                                  : declared_file_mode(around.st_mode, mode);
  if (declared != mode || made.st_gid != around.st_gid) (void)::fchmod(fd, declared);
}

}  // namespace hfaudit::os
