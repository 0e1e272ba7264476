#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "os/handover.hpp"
#include "os/partial_io.hpp"
#include "os/system_error.hpp"
#include "os/temporary_name.hpp"
#include "os/write_fs.hpp"

namespace hfaudit::os {
namespace {

constexpr mode_t usual_file = 0666;  // less the umask

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

}  // namespace hfaudit::os
