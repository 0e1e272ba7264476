#include "os/write_fs.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "os/handover.hpp"
#include "os/name_sync.hpp"
#include "os/root_path.hpp"
#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr mode_t usual_folder = 0777;  // less the umask

// The folder that we made is still here, or was replaced by an equally empty one of ours.
bool is_fresh(const Directory& folder) {
  struct stat status{};
  if (::fstat(folder.fd(), &status) != 0 || status.st_uid != ::geteuid()) return false;
  bool empty = true;
  const auto again = folder.open_directory(".");  // a Directory is listed once
  return again && again->list([&](const DirectoryEntry&) { empty = false; }) && empty;
}

}  // namespace

Result<Directory> open_folder(const Directory& parent, const std::string& name, Links links) {
  auto folder = parent.open_directory(name, links);
  if (folder || links == Links::follow) return folder;
  const int code = folder.error().code;  // ENOTDIR for a link too
  const auto meta = code == ENOTDIR || code == ELOOP ? parent.stat(name)
                                                     : Result<FileInfo>(failed("stat", name, code));
  if (meta && meta->type == FileType::symlink)
    return failure("open", name, "a link is in the place of a folder", ELOOP);
  if (meta && meta->type != FileType::directory)
    return failure("open", name, "a file is in the place of a folder", EEXIST);
  return folder;
}

// One thread at a time: files that another one makes in a folder belong to its owner at that time.
Result<Directory> make_folder(const Directory& parent, const std::string& name, Links links) {
  static std::mutex making;
  const std::scoped_lock lock(making);
  auto folder = open_folder(parent, name, links);
  if (folder || folder.error().code != ENOENT) return folder;
  const bool made = ::mkdirat(parent.fd(), name.c_str(), usual_folder) == 0;
  if (!made && errno != EEXIST) return failed("create", name);
  folder = open_folder(parent, name, made ? Links::refuse : links);
  if (made) note_new_name(parent);
  if (folder && made && is_fresh(*folder)) hand_over(folder->fd(), parent);
  return folder;
}

Result<Directory> make_root(const std::string& path) {
  auto root = open_folder_at(path);
  if (root || root.error().code != ENOENT) return root;
  const auto end = path.find_last_not_of('/') + 1;
  const auto slash = path.rfind('/', end);
  const auto begin =
      slash == std::string::npos || end == 0 ? 0 : path.find_last_of('/', end - 1) + 1;
  if (begin == end) return root;
  const auto parent = make_root(begin == 0 ? "." : path.substr(0, begin));
  if (!parent) return tl::unexpected<Error>(parent.error());
  const auto links = ::geteuid() == 0 ? Links::refuse : Links::follow;
  auto made = make_folder(*parent, path.substr(begin, end - begin), links);
  if (!made)
    return failure(made.error().operation, path.substr(0, end), made.error().cause,
                   made.error().code);
  return made;
}

Result<void> rename(const Directory& from, const std::string& name, const Directory& to,
                    const std::string& new_name) {
  if (::renameat(from.fd(), name.c_str(), to.fd(), new_name.c_str()) == 0) {
    note_new_name(to);
    note_new_name(from);
    return {};
  }
  if (errno == EISDIR)
    return failure("write", new_name,
                   "a folder is in the place of the file; move it away and run the command again",
                   EISDIR);
  return failed("rename", name);
}

Result<void> rename_to_free_name(const Directory& from, const std::string& name,
                                 const Directory& to, const std::string& new_name) {
  if (::renameat2(from.fd(), name.c_str(), to.fd(), new_name.c_str(), RENAME_NOREPLACE) == 0) {
    note_new_name(to);
    note_new_name(from);
    return {};
  }
  if (errno != EINVAL && errno != ENOSYS) return failed("rename", name);
  // a file system that cannot do it in one step
  if (to.stat(new_name)) return failed("rename", name, EEXIST);
  return rename(from, name, to, new_name);
}

Result<void> add_name(const Directory& from, const std::string& name, const Directory& to,
                      const std::string& new_name) {
  auto done =
      outcome(::linkat(from.fd(), name.c_str(), to.fd(), new_name.c_str(), 0), "link", name);
  if (done) note_new_name(to);
  return done;
}

Result<void> make_link(const Directory& folder, const std::string& text, const std::string& name) {
  if (::symlinkat(text.c_str(), folder.fd(), name.c_str()) != 0) return failed("link", name);
  note_new_name(folder);
  if (::geteuid() != 0) return {};
  const int fd = ::openat(folder.fd(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat status{};
  if (fd >= 0 && ::fstat(fd, &status) == 0 && S_ISLNK(status.st_mode)) hand_over(fd, folder);
  if (fd >= 0) ::close(fd);
  return {};
}

Result<void> remove(const Directory& folder, const std::string& name) {
  auto done = outcome(::unlinkat(folder.fd(), name.c_str(), 0), "remove", name);
  if (done) note_new_name(folder);
  return done;
}

Result<void> remove_empty_folder(const Directory& folder, const std::string& name) {
  auto done = outcome(::unlinkat(folder.fd(), name.c_str(), AT_REMOVEDIR), "remove", name);
  if (done) note_new_name(folder);
  return done;
}

void sync_folder(const Directory& folder) {
  ::fsync(folder.fd());
}

std::uint64_t data_end(const File& file) {
  const auto hole = ::lseek(file.fd(), 0, SEEK_HOLE);
  return hole < 0 ? file.size() : std::min(file.size(), static_cast<std::uint64_t>(hole));
}

bool has_one_name(const File& file) {
  struct stat status{};
  return ::fstat(file.fd(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

bool is_local(const Directory& folder) {
  constexpr std::array<std::uint32_t, 9> local = {
      0xEF53,      // ext2, 3, 4
      0x58465342,  // xfs
      0x9123683E,  // btrfs
      0x01021994,  // tmpfs
      0x858458F6,  // ramfs
      0x2FC12FC1,  // zfs
      0xF2F52010,  // f2fs
      0xCA451A4E,  // bcachefs
      0x794C7630,  // overlayfs: a container's own
  };
  struct statfs status{};
  if (::fstatfs(folder.fd(), &status) != 0) return false;
  return std::find(local.begin(), local.end(), static_cast<std::uint32_t>(status.f_type)) !=
         local.end();
}

// The kernel grants a write lease on a file only if all other processes have it closed. If one
// opens it in the instant in which we hold the lease, we get a signal: SIGURG, which is ignored by
// default, in place of SIGIO, which kills.
std::optional<bool> others_have_open(const WritableFile& file) {
  if (::fcntl(file.fd(), F_SETSIG, SIGURG) != 0) return std::nullopt;
  if (::fcntl(file.fd(), F_SETLEASE, F_WRLCK) == 0) {
    (void)::fcntl(file.fd(), F_SETLEASE, F_UNLCK);
    return false;
  }
  return errno == EAGAIN ? std::optional<bool>(true) : std::nullopt;
}

}  // namespace hfaudit::os
