#include "os/secure_directory.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <ctime>
#include <system_error>
#include <thread>

#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr int most_links = 40;
constexpr mode_t others_write = 022;
constexpr std::int64_t second_ns = 1'000'000'000;

// A descriptor that closes itself.
class Held {
 public:
  explicit Held(int fd) : fd_(fd) {}
  Held(Held&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::uint64_t mount_of(int fd) {
  struct statx status{};
  const bool known = ::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) == 0;
  return known && (status.stx_mask & STATX_MNT_ID) != 0 ? status.stx_mnt_id : 0;
}

// One component, itself where it is a link, on this mount. -1 and errno.
int open_here(int folder, const std::string& name, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_NOFOLLOW | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  const auto opened = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
  if (opened >= 0) return static_cast<int>(opened);
  // EPERM: a container's filter without the call
  if (errno != ENOSYS && errno != EPERM) return -1;
  Held fd(::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0) return -1;
  struct stat in{};
  struct stat of{};
  const bool same_mount = ::fstat(folder, &of) == 0 && ::fstat(fd.get(), &in) == 0 &&
                          in.st_dev == of.st_dev && mount_of(folder) == mount_of(fd.get());
  if (same_mount) return fd.release();
  errno = EXDEV;
  return -1;
}

Result<SecureEntry> inspect_at(int fd, std::string_view name) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return failed("look at", name, errno);
  auto meta = stat_descriptor(fd, name);
  if (!meta) return tl::unexpected(meta.error());
  return SecureEntry{*meta, status.st_nlink};
}

bool is_same(const SecureEntry& now, const SecureEntry& seen) {
  return now.meta.key == seen.meta.key && now.meta.type == seen.meta.type &&
         now.meta.uid == seen.meta.uid && now.meta.gid == seen.meta.gid &&
         now.meta.mode == seen.meta.mode;
}

// Some file systems keep whole seconds alone: a change in the second of `since_ns` appears older
// than it is.
bool is_in_whole_seconds(std::int64_t time_ns) {
  return time_ns % second_ns == 0;
}

bool is_older(std::int64_t ctime_ns, std::int64_t since_ns) {
  return is_in_whole_seconds(ctime_ns) ? ctime_ns / second_ns < since_ns / second_ns
                                       : ctime_ns <= since_ns;
}

// Those of the kernel's own lack blocks. Users own folders in them, with files in them that hold
// their limits.
bool holds_files(const struct statfs& system) {
  return system.f_blocks != 0;
}

// A folder in which other users may add or swap entries.
bool is_open_to_others(const struct stat& folder, std::uint32_t user) {
  const bool open = (folder.st_mode & others_write) != 0 && (folder.st_mode & S_ISVTX) == 0;
  return open || (folder.st_uid != 0 && folder.st_uid != user);
}

// Other users are unable to give a link of root a name here, even a second one.
bool is_roots_alone(const struct stat& folder) {
  return folder.st_uid == 0 && (folder.st_mode & others_write) == 0;
}

// The path's last component may be a link as any other. `doubtful`: a user other than root could
// influence its target.
Result<Held> walk_path(const std::string& path, std::uint32_t user, bool& doubtful) {
  Held at(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::string rest = path;
  int links = 0;
  while (true) {
    const auto begin = rest.find_first_not_of('/');
    if (begin == std::string::npos) return at;
    const auto end = std::min(rest.find('/', begin), rest.size());
    const auto name = rest.substr(begin, end - begin);
    rest = rest.substr(end);
    struct stat folder{};
    if (::fstat(at.get(), &folder) != 0) return failed("open", path, errno);
    if (is_open_to_others(folder, user)) doubtful = true;
    Held next(::openat(at.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (next.get() < 0 || ::fstat(next.get(), &status) != 0) return failed("open", path, errno);
    if (!S_ISLNK(status.st_mode)) {
      at = std::move(next);
      continue;
    }
    if (++links > most_links) return failed("open", path, ELOOP);
    if (status.st_uid != 0 && status.st_uid != user)
      return failure("open", path,
                     "the path has a link of another user, which root does not follow", EPERM);
    if (status.st_uid != 0 || !is_roots_alone(folder)) doubtful = true;
    std::array<char, PATH_MAX> text{};
    const auto length = ::readlinkat(next.get(), "", text.data(), text.size());
    if (length <= 0) return failed("open", path, length < 0 ? errno : ENOENT);
    rest = std::string(text.data(), static_cast<std::size_t>(length)) + rest;
    if (text.front() == '/') at = Held(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
}

}  // namespace

Result<SecureDirectory> SecureDirectory::open_root(const std::string& path, std::uint32_t user) {
  bool doubtful = false;
  auto at = walk_path(path, user, doubtful);
  if (!at) return tl::unexpected(at.error());
  Held folder(::openat(at->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status{};
  if (folder.get() < 0 || ::fstat(folder.get(), &status) != 0) return failed("open", path, errno);
  if (doubtful && (status.st_uid != user || user == 0))
    return failure("open", path,
                   "other users can change where the link leads, so root does not follow it",
                   EPERM);
  struct statfs system{};
  if (::fstatfs(folder.get(), &system) != 0) return failed("open", path, errno);
  if (!holds_files(system))
    return failure("open", path, "a virtual file system of the kernel", EPERM);
  return SecureDirectory(Directory(folder.release()));
}

Result<SecureDirectory> SecureDirectory::open_as_user(const std::string& path) {
  auto folder = Directory::open_root(path);
  if (!folder) return tl::unexpected(folder.error());
  return SecureDirectory(std::move(*folder));
}

Result<SecureDirectory> SecureDirectory::enter(const std::string& name) const {
  const int fd = open_here(directory_.fd(), name, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (fd < 0) return failed("open", name, errno);
  return SecureDirectory(Directory(fd));
}

Result<SecureEntry> SecureDirectory::inspect(const std::string& name) const {
  const Held fd(open_here(directory_.fd(), name, O_PATH));
  if (fd.get() < 0) return failed("look at", name, errno);
  return inspect_at(fd.get(), name);
}

Result<SecureEntry> SecureDirectory::inspect_self() const {
  return inspect_at(directory_.fd(), ".");
}

Result<void> SecureDirectory::list(const std::function<void(const DirectoryEntry&)>& each) const {
  const auto again = directory_.open_directory(".");  // a Directory is listed once
  if (!again) return tl::unexpected(again.error());
  return again->list(each);
}

// The order matters. A foreign file that is linked into the folder has two names until one is
// removed; both change its ctime. So: one name, then that the name here leads to it, and then,
// last, that its ctime is older than all our work, and equal to the inspected one, should the clock
// be a server's that lags behind ours: then all names have stayed in between.
Result<int> SecureDirectory::hold(const std::string& name, const SecureEntry& seen,
                                  std::int64_t since_ns) const {
  Held fd(open_here(directory_.fd(), name, O_PATH));
  if (fd.get() < 0) return failed("open", name, errno);
  const auto first = inspect_at(fd.get(), name);
  if (!first) return tl::unexpected(first.error());
  const auto stale = [&] {
    return failure("change", name, "it has changed since the audit", ESTALE);
  };
  if (!is_same(*first, seen)) return stale();
  if (first->meta.type == FileType::other)
    return failure("change", name, "neither a file nor a folder", EPERM);
  if (first->meta.type == FileType::directory) return fd.release();
  const auto many = [&] {
    return failure("change", name, "it has more than one hard link, so root leaves it alone",
                   EMLINK);
  };
  if (first->names != 1) return many();
  struct stat named{};
  const bool here = ::fstatat(directory_.fd(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                    FileKey{named.st_dev, named.st_ino} == seen.meta.key && named.st_nlink == 1;
  const auto last = inspect_at(fd.get(), name);
  if (!here || !last || !is_same(*last, seen) || last->meta.ctime_ns != seen.meta.ctime_ns)
    return stale();
  if (last->names != 1) return many();
  if (is_older(last->meta.ctime_ns, since_ns)) return fd.release();
  if (!is_in_whole_seconds(last->meta.ctime_ns)) return stale();
  return failure("change", name, "it has just changed", EAGAIN);
}

Result<void> SecureDirectory::chown(const std::string& name, const SecureEntry& seen,
                                    std::uint32_t uid, std::uint32_t gid,
                                    std::int64_t since_ns) const {
  const auto held = hold(name, seen, since_ns);
  if (!held) return tl::unexpected(held.error());
  const Held fd(*held);
  if (::fchownat(fd.get(), "", uid, gid, AT_EMPTY_PATH) != 0)
    return failed("change the owner of", name, errno);
  return {};
}

Result<void> SecureDirectory::chown_self(const SecureEntry& seen, std::uint32_t uid,
                                         std::uint32_t gid) const {
  const auto now = inspect_self();
  if (!now || !is_same(*now, seen))
    return failure("change", ".", "it has changed since the audit", ESTALE);
  if (::fchown(directory_.fd(), uid, gid) != 0) return failed("change the owner of", ".", errno);
  return {};
}

// File times are mostly taken from a coarse clock, which lags by up to a tick of the scheduler: 10
// ms where it is slow.
std::int64_t secure_clock_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  return std::int64_t{now.tv_sec} * second_ns + now.tv_nsec;
}

}  // namespace hfaudit::os
