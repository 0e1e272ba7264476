#include "os/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/path.hpp"
#include "base/whole_number.hpp"
#include "os/secure_directory.hpp"
#include "os/system_error.hpp"
#include "os/temporary_name.hpp"

namespace hfaudit::os {
namespace {

constexpr std::size_t buffer_size = 64U * 1024U;

std::string folder_of(const std::string& path) {
  return std::string(folder_to_open(path));
}

// The file that `path` leads to where it is a link to one; else `path`.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr),
                                                         &std::free};
  return real ? real.get() : path;
}

// The absolute path of an absent file, without ".." and links.
std::string future_path(std::string path) {
  constexpr int most_links = 40;
  for (int i = 0; i < most_links; ++i) {
    std::error_code no_link;
    const auto target = std::filesystem::read_symlink(path, no_link);
    if (no_link) break;
    path = target.is_absolute() ? target.string() : folder_of(path) + "/" + target.string();
  }
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed);
  if (failed) return path;
  const auto whole = std::filesystem::weakly_canonical(absolute, failed);
  return (failed ? absolute : whole).lexically_normal().string();
}

// A renamed file lasts only once its folder is on disk too; some file systems lack a sync of
// folders, and work without it.
void sync_folder(int folder) {
  const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

void keep_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int wrong_way = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // the lowest number that is free; closed again for a program that this process becomes
    (void)::open("/dev/null", wrong_way | O_CLOEXEC);
  }
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

unsigned terminal_columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

unsigned terminal_rows(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

std::optional<int> descriptor_named_by(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    if (const auto number = whole_number<int>(path.substr(folder.size()))) return number;
  }
  return std::nullopt;
}

bool lies_within(const std::string& path, const std::string& folder) {
  const auto file = resolved(path);  // of an absent file: its folder decides
  const auto above = resolved(file == path ? folder_of(path) : folder_of(file));
  auto root = resolved(folder);
  if (!root.ends_with('/')) root += '/';
  return (above + "/").starts_with(root);
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat one{};
  struct stat other{};
  const bool first = ::stat(a.c_str(), &one) == 0, second = ::stat(b.c_str(), &other) == 0;
  if (first != second) return false;
  if (first) return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
  return future_path(a) == future_path(b);
}

void write_if_ready(int fd, std::string_view text) {
  constexpr std::size_t always_fits = PIPE_BUF;  // into a pipe that is ready
  while (!text.empty()) {
    pollfd ready{fd, POLLOUT, 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    const auto written = ::write(fd, text.data(), std::min(text.size(), always_fits));
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Writer::write(std::string_view bytes) {
  if (bytes.size() >= buffer_size) {  // past the buffer
    drain();
    return put(bytes);
  }
  buffer_ += bytes;
  if (buffer_.size() >= buffer_size) drain();
}

void Writer::drain() {
  put(buffer_);
  buffer_.clear();
}

void Writer::put(std::string_view left) {
  while (!left.empty() && state_) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // a pipe that another process made non-blocking
      pollfd ready{fd_, POLLOUT, 0};
      (void)::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      state_ = failed("write to", name_);
    }
  }
}

Result<void> Writer::flush() {
  drain();
  return state_;
}

OutputFile::OutputFile(int fd, std::string path, std::string temporary, PathHandle folder)
    : fd_(fd),
      path_(std::move(path)),
      temporary_(std::move(temporary)),
      folder_(std::move(folder)),
      writer_(fd, path_) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      folder_(std::move(other.folder_)),
      writer_(std::move(other.writer_)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlinkat(folder_.fd(), temporary_.c_str(), 0);
}

Result<OutputFile> OutputFile::create(const std::string& path, std::optional<unsigned> mode) {
  const auto cannot_write = [&path](const Error& error) {
    return failure("write to", path, error.cause, error.code);
  };
  if (const auto named = descriptor_named_by(path)) {
    const int fd = ::fcntl(*named, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return failed("write to", path);
    return OutputFile{fd, path, {}, PathHandle(-1)};
  }
  struct stat there{};
  const auto place = find_path(path);
  // Only an absent file is created: after any other failure the path may hold something.
  struct stat link{};
  const bool is_there = ::lstat(path.c_str(), &link) == 0;
  if (!place && (place.error().code != ENOENT || (is_there && !S_ISLNK(link.st_mode))))
    return cannot_write(place.error());
  if (!place && is_there && path.starts_with("/dev/")) return cannot_write(place.error());
  const bool exists = place && ::fstat(place->fd(), &there) == 0;
  if (exists && S_ISDIR(there.st_mode))
    return failure("write to", path, std::strerror(EISDIR), EISDIR);
  if (exists && !S_ISREG(there.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return failed("write to", path);
    return OutputFile{fd, path, {}, PathHandle(-1)};
  }

  const std::string target = exists ? resolved(path) : path;
  auto folder = find_path(folder_of(target));
  if (!folder) return cannot_write(folder.error());
  // Random: in a container each run has the same process id, and a killed one leaves its file.
  constexpr std::size_t longest_kept = 200;  // so that the whole name fits into 255 bytes
  const std::string temporary = "." + std::string(last_component(target).substr(0, longest_kept)) +
                                "." + random_suffix() + ".tmp";
  constexpr int most_mode = 0666;  // less the umask, as for any new file
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  const int fd = ::openat(folder->fd(), temporary.c_str(), flags, most_mode);
  if (fd < 0) return failed("write to", path);
  if (exists || mode) (void)::fchmod(fd, mode.value_or(there.st_mode & 07777U));
  return OutputFile{fd, target, temporary, std::move(*folder)};
}

std::optional<OutputFile> OutputFile::open_as_root(const std::string& path,
                                                   std::optional<unsigned> mode) {
  constexpr std::uint32_t others_write = 022;
  if (!find_path(folder_of(path))) return std::nullopt;  // another user's link is on the way
  const auto above = resolved(folder_of(path));
  const auto folder = SecureDirectory::open_root(above, 0);
  const auto self = folder ? folder->inspect_self() : tl::unexpected<Error>(folder.error());
  if (!self || self->meta.uid != 0 || (self->meta.mode & others_write) != 0) return std::nullopt;
  constexpr int most_mode = 0666;  // less the umask
  const std::string name(last_component(path));
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int fd = ::openat(folder->directory().fd(), name.c_str(), flags, most_mode);
  if (fd < 0) return std::nullopt;
  OutputFile file{fd, path, {}, PathHandle(-1)};
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (mode) (void)::fchmod(fd, *mode);
  return file;
}

Result<void> OutputFile::commit() {
  const bool in_place = temporary_.empty();
  struct stat status{};
  const bool regular = ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
  if (in_place && regular && ::ftruncate(fd_, ::lseek(fd_, 0, SEEK_CUR)) != 0)
    return failed("write to", path_);
  if (auto written = writer_.flush(); !written) return written;
  if (!in_place && ::fsync(fd_) != 0) return failed("write to", path_);
  if (::close(std::exchange(fd_, -1)) != 0) return failed("write to", path_);
  if (in_place) return {};
  const std::string name(last_component(path_));
  if (::renameat(folder_.fd(), temporary_.c_str(), folder_.fd(), name.c_str()) != 0)
    return failed("write to", path_);
  temporary_.clear();
  sync_folder(folder_.fd());
  return {};
}

}  // namespace hfaudit::os
