#include "os/fs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <system_error>

namespace hfaudit::os {
namespace {

tl::unexpected<Error> system_failure(std::string_view operation, std::string_view subject,
                                     int code) {
  return failure(operation, subject, std::generic_category().message(code), code);
}

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  if (S_ISLNK(mode)) return FileType::symlink;
  return FileType::other;
}

FileInfo meta_of(const struct stat& status) {
  FileInfo meta;
  meta.key = {status.st_dev, status.st_ino};
  meta.size = static_cast<std::uint64_t>(status.st_size);
  meta.allocated = static_cast<std::uint64_t>(status.st_blocks) * 512;
  meta.links = static_cast<std::uint32_t>(status.st_nlink);
  meta.mtime_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  meta.ctime_ns = std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec;
  meta.mode = status.st_mode & 07777U;
  meta.uid = status.st_uid;
  meta.gid = status.st_gid;
  meta.type = type_of(status.st_mode);
  return meta;
}

// O_NOATIME is refused (EPERM) on files of other users; then the access time is theirs to lose.
int open_quietly(int directory, const char* name, int flags) {
  const int fd = ::openat(directory, name, flags | O_NOATIME);
  return fd < 0 && errno == EPERM ? ::openat(directory, name, flags) : fd;
}

// The target of a link is inspected before it is opened: to open a device may be to use it.
int open_target(int directory, const char* name, int flags) {
  const int place = ::openat(directory, name, O_PATH | O_CLOEXEC);
  if (place < 0) return -1;
  struct stat status{};
  int fd = -1;
  if (::fstat(place, &status) == 0 && !S_ISREG(status.st_mode)) {
    errno = EINVAL;
  } else {
    const auto itself = "/proc/self/fd/" + std::to_string(place);
    fd = open_quietly(AT_FDCWD, itself.c_str(), flags);
    if (fd < 0 && errno == ENOENT) fd = open_quietly(directory, name, flags);  // without /proc
  }
  const int code = errno;
  ::close(place);
  errno = code;
  return fd;
}

}  // namespace

bool is_absent(const Error& error) {
  return error.code == ENOENT || error.code == ENOTDIR;
}

File::~File() {
  ::close(fd_);
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got =
        ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read", name_, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    if (offset + done >= meta_.size) break;  // spares the last read, which would return 0 bytes
  }
  return done;
}

Result<FileInfo> stat_descriptor(int fd, std::string_view name) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return system_failure("stat", name, errno);
  return meta_of(status);
}

Result<FileInfo> File::stat() const {
  return stat_descriptor(fd_, name_);
}

Result<std::unique_ptr<File>> File::open_again() const {
  const auto itself = "/proc/self/fd/" + std::to_string(fd_);
  const int fd =
      open_quietly(AT_FDCWD, itself.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return system_failure("open", name_, errno);
  auto again = std::make_unique<File>(fd, meta_, name_);  // owns fd from here
  const auto now = again->stat();
  if (!now) return tl::unexpected(now.error());
  if (now->key != meta_.key) return failure("open", name_, "another file is there", ESTALE);
  return again;
}

Result<Directory> Directory::open_root(const std::string& path) {
  const int fd = open_quietly(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_failure("open", path, errno);
  return Directory(fd);
}

Directory& Directory::operator=(Directory&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Directory::~Directory() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Directory> Directory::open_directory(const std::string& name, Links links) const {
  const int unfollowed = links == Links::follow ? 0 : O_NOFOLLOW;
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | unfollowed;
  const int fd = open_quietly(fd_, name.c_str(), flags);
  if (fd < 0) return system_failure("open", name, errno);
  return Directory(fd);
}

Result<FileInfo> Directory::stat(const std::string& name) const {
  struct stat status{};
  if (::fstatat(fd_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return system_failure("stat", name, errno);
  return meta_of(status);
}

Result<FileInfo> Directory::stat_target(const std::string& name) const {
  struct stat status{};
  if (::fstatat(fd_, name.c_str(), &status, 0) != 0) return system_failure("stat", name, errno);
  return meta_of(status);
}

Result<FileInfo> Directory::stat_self() const {
  struct stat status{};
  if (::fstat(fd_, &status) != 0) return system_failure("stat", ".", errno);
  return meta_of(status);
}

std::int64_t Directory::born_ns() const {
  struct statx status{};
  if (::statx(fd_, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0) return 0;
  if ((status.stx_mask & STATX_BTIME) == 0) return 0;
  return std::int64_t{status.stx_btime.tv_sec} * 1'000'000'000 + status.stx_btime.tv_nsec;
}

Result<std::string_view> Directory::read_link(const std::string& name, std::span<char> into) const {
  const auto length = ::readlinkat(fd_, name.c_str(), into.data(), into.size());
  if (length < 0) return system_failure("read link", name, errno);
  return std::string_view(into.data(), static_cast<std::size_t>(length));
}

Result<std::string> Directory::read_link(const std::string& name) const {
  std::array<char, PATH_MAX> text;
  return read_link(name, text).map([](std::string_view read) { return std::string(read); });
}

Result<std::unique_ptr<File>> Directory::open_file(const std::string& name, Links links) const {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int fd = links == Links::follow ? open_target(fd_, name.c_str(), flags)
                                        : open_quietly(fd_, name.c_str(), flags | O_NOFOLLOW);
  if (fd < 0) return system_failure("open", name, errno);
  struct stat status{};
  const int code = ::fstat(fd, &status) != 0 ? errno : 0;
  auto file = std::make_unique<File>(fd, meta_of(status), name);  // owns fd from here
  if (code != 0) return system_failure("stat", name, code);
  if (!S_ISREG(status.st_mode)) return failure("open", name, "not a regular file", EINVAL);
  return file;
}

bool Directory::may_read(const std::string& name) const {
  struct stat status{};
  return ::fstatat(fd_, name.c_str(), &status, 0) == 0 && S_ISREG(status.st_mode) &&
         ::faccessat(fd_, name.c_str(), R_OK, AT_EACCESS) == 0;
}

Result<std::string> Directory::read_small(const std::string& name, std::size_t limit,
                                          Links links) const {
  auto file = open_file(name, links);
  if (!file) return tl::unexpected(file.error());
  std::string text(limit, '\0');
  const auto got = (*file)->read_at(0, text);
  if (!got) return tl::unexpected(got.error());
  text.resize(*got);
  return text;
}

Result<void> Directory::list(const std::function<void(const DirectoryEntry&)>& each) const {
  alignas(dirent64) std::array<char, 32 * 1024> buffer;
  for (;;) {
    const auto got = ::getdents64(fd_, buffer.data(), buffer.size());
    if (got < 0 && errno == ENOENT) return {};  // removed during the scan
    if (got < 0) return system_failure("list", ".", errno);
    if (got == 0) return {};
    for (ssize_t at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      const std::string_view name(entry->d_name);
      if (name == "." || name == "..") continue;
      DirectoryEntry found{name, FileType::other};
      if (entry->d_type == DT_REG) found.type = FileType::regular;
      if (entry->d_type == DT_DIR) found.type = FileType::directory;
      if (entry->d_type == DT_LNK) found.type = FileType::symlink;
      if (entry->d_type == DT_UNKNOWN) {  // some file systems omit the type in the listing
        const auto meta = stat(std::string(name));
        if (meta) found.type = meta->type;
      }
      each(found);
    }
  }
}

std::optional<std::uint64_t> Directory::free_bytes() const {
  struct statvfs status{};
  if (::fstatvfs(fd_, &status) != 0) return std::nullopt;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace hfaudit::os
