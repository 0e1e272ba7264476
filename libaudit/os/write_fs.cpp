#include "os/write_fs.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <mutex>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "base/sharing.hpp"
#include "os/name_sync.hpp"
#include "os/partial_io.hpp"
#include "os/root_path.hpp"
#include "os/system_error.hpp"
#include "os/users.hpp"

namespace hfaudit::os {
namespace {

constexpr mode_t usual_file = 0666;    // less the umask
constexpr mode_t usual_folder = 0777;  // likewise

Result<void> outcome(int result, std::string_view operation, std::string_view subject) {
  if (result != 0) return failed(operation, subject);
  return {};
}

// The mode that a new file gets here, by the umask or a default ACL. An unnamed file shows it;
// where the file system lacks unnamed files, a new file's mode is left as it is.
std::optional<mode_t> mode_of_new_file(const Directory& folder) {
  const int fd = ::openat(folder.fd(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, usual_file);
  if (fd < 0) {
    const auto probe = temporary_name();
    auto made = WritableFile::create(folder, probe);
    if (!made) return std::nullopt;
    (void)remove(folder, probe);
    const auto meta = made->stat();
    return meta ? std::optional<mode_t>(meta->mode) : std::nullopt;
  }
  struct stat status{};
  const bool known = ::fstat(fd, &status) == 0;
  ::close(fd);
  return known ? std::optional<mode_t>(status.st_mode & 07777U) : std::nullopt;
}

// The folder that we made is still here, or was replaced by an equally empty one of ours.
bool is_fresh(const Directory& folder) {
  struct stat status{};
  if (::fstat(folder.fd(), &status) != 0 || status.st_uid != ::geteuid()) return false;
  bool empty = true;
  const auto again = folder.open_directory(".");  // a Directory is listed once
  return again && again->list([&](const DirectoryEntry&) { empty = false; }) && empty;
}

}  // namespace

Result<WritableFile> WritableFile::create(const Directory& folder, const std::string& name) {
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int fd = ::openat(folder.fd(), name.c_str(), flags, usual_file);
  if (fd < 0) return failed("create", name);
  hand_over(fd, folder);
  return WritableFile(fd, name);
}

Result<WritableFile> WritableFile::create_own(const Directory& folder, const std::string& name,
                                              std::uint32_t mode) {
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int fd = ::openat(folder.fd(), name.c_str(), flags, 0600);
  if (fd < 0) return failed("create", name);
  WritableFile file(fd, name);
  if (::fchmod(fd, mode) != 0) {
    auto error = failed("set the mode of", name);
    (void)remove(folder, name);
    return error;
  }
  return file;
}

Result<WritableFile> WritableFile::open(const Directory& folder, const std::string& name) {
  const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int fd = ::openat(folder.fd(), name.c_str(), flags);
  if (fd < 0) return failed("open", name);
  WritableFile file(fd, name);
  if (!file.has_one_name())
    return failure("open", name, "not a regular file with one name", EINVAL);
  return file;
}

WritableFile::WritableFile(WritableFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), name_(std::move(other.name_)) {}

WritableFile& WritableFile::operator=(WritableFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(name_, other.name_);
  return *this;
}

WritableFile::~WritableFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileInfo> WritableFile::stat() const {
  return stat_descriptor(fd_, name_);
}

bool WritableFile::has_one_name() const {
  struct stat status{};
  return ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

Result<void> WritableFile::append(std::string_view bytes) {
  if (::lseek(fd_, 0, SEEK_END) < 0) return failed("write to", name_);
  while (!bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write to", name_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> WritableFile::truncate(std::uint64_t size) {
  return outcome(::ftruncate(fd_, static_cast<off_t>(size)), "truncate", name_);
}

Result<std::uint64_t> WritableFile::copy_from(const File& source, std::uint64_t bytes) {
  if (auto emptied = truncate(0); !emptied) return tl::unexpected<Error>(emptied.error());
  const auto copied = clone_content(source, fd_, bytes);
  if (auto cut = truncate(copied); !cut) return tl::unexpected<Error>(cut.error());
  return copied;
}

Result<void> WritableFile::sync() {
  return outcome(::fsync(fd_), "sync", name_);
}

void WritableFile::set_usual_mode(const Directory& folder) {
  const auto now = stat();
  const auto usual = mode_of_new_file(folder);
  if (now && usual && now->mode != *usual) (void)::fchmod(fd_, *usual);
  if (usual) share_as_declared(fd_, folder);
}

bool WritableFile::try_lock() {
  return ::flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

Result<Directory> open_folder(const Directory& parent, const std::string& name, bool follow) {
  auto folder = parent.open_directory(name, follow);
  if (folder || follow) return folder;
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
Result<Directory> make_folder(const Directory& parent, const std::string& name, bool follow) {
  static std::mutex making;
  const std::scoped_lock lock(making);
  auto folder = open_folder(parent, name, follow);
  if (folder || folder.error().code != ENOENT) return folder;
  const bool made = ::mkdirat(parent.fd(), name.c_str(), usual_folder) == 0;
  if (!made && errno != EEXIST) return failed("create", name);
  folder = open_folder(parent, name, made ? false : follow);
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
  auto made = make_folder(*parent, path.substr(begin, end - begin), ::geteuid() != 0);
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

std::string random_suffix() {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t length = 8;
  std::random_device random;
  auto value = random();
  std::string text;
  for (std::size_t i = 0; i < length; ++i, value >>= 4U)
    text += digits[value & 0xFU];
  return text;
}

std::string temporary_name() {
  auto digits = random_suffix() + random_suffix() + random_suffix() + random_suffix();
  for (const std::size_t dash : {8U, 13U, 18U, 23U})
    digits.insert(dash, "-");
  return "tmp_" + digits;
}

double wall_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  constexpr double billion = 1e9;
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / billion;
}

std::uint32_t effective_user() {
  return ::geteuid();
}

std::int64_t process_id() {
  return ::getpid();
}

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
