#include "os/stream_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "os/output.hpp"
#include "os/root_path.hpp"
#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr std::size_t stream_buffer = std::size_t{64} << 10;
constexpr std::size_t atomic_bytes = PIPE_BUF;  // a pipe accepts them as a whole
constexpr int wanted_pipe_bytes = 1 << 20;      // the limit of an ordinary user
constexpr int beat_ms = 100;
constexpr int stream_flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;

tl::unexpected<Error> output_stopped(const std::string& name) {
  return failure("write to", name, "interrupted", ECANCELED);
}

// Opening a FIFO for writing waits for its reader.
int open_fifo(const std::string& path, const std::stop_token& stop) {
  for (;;) {
    const int fd = ::open(path.c_str(), stream_flags | O_NONBLOCK);
    if (fd >= 0 || errno != ENXIO || stop.stop_requested()) return fd;
    (void)::poll(nullptr, 0, beat_ms);
  }
}

}  // namespace

StreamOutput::StreamOutput(int fd, Mode mode, std::string name, const std::stop_token& stop)
    : fd_(fd), mode_(mode), name_(std::move(name)), stop_(stop) {
  if (mode == Mode::non_blocking) (void)::fcntl(fd_, F_SETPIPE_SZ, wanted_pipe_bytes);
}

StreamOutput::StreamOutput(StreamOutput&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      mode_(other.mode_),
      name_(std::move(other.name_)),
      stop_(std::move(other.stop_)),
      deadline_(other.deadline_),
      buffer_(std::move(other.buffer_)),
      state_(std::move(other.state_)) {}

StreamOutput::~StreamOutput() {
  if (fd_ >= 0) ::close(fd_);
}

StreamOutput StreamOutput::of_descriptor(int fd, const std::string& name,
                                         const std::stop_token& stop) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return {fd, Mode::blocks, name, stop};
  if (S_ISSOCK(status.st_mode)) return {fd, Mode::socket, name, stop};
  if (!S_ISFIFO(status.st_mode) && ::isatty(fd) != 1) return {fd, Mode::blocks, name, stop};
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const int own = ::open(link.c_str(), stream_flags | O_NONBLOCK);
  if (own < 0) return {fd, Mode::polled, name, stop};  // another user's pipe, or /proc is missing
  ::close(fd);
  return {own, Mode::non_blocking, name, stop};
}

StreamOutput StreamOutput::standard(const std::stop_token& stop) {
  return of_descriptor(::fcntl(standard_output, F_DUPFD_CLOEXEC, 0), "standard output", stop);
}

Result<std::optional<StreamOutput>> StreamOutput::open(const std::string& path,
                                                       const std::stop_token& stop) {
  if (const auto named = descriptor_named_by(path)) {
    const int fd = ::fcntl(*named, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return failed("write to", path);
    return of_descriptor(fd, path, stop);
  }
  const auto place = find_path(path);
  struct stat there{};
  if (!place || ::fstat(place->fd(), &there) != 0 || S_ISREG(there.st_mode) ||
      S_ISDIR(there.st_mode))
    return std::optional<StreamOutput>();
  const bool fifo = S_ISFIFO(there.st_mode);
  const int fd = fifo ? open_fifo(path, stop) : ::open(path.c_str(), stream_flags | O_NONBLOCK);
  if (fd < 0)
    return fifo && stop.stop_requested() ? output_stopped(path) : failed("write to", path);
  const bool may_wait = fifo || ::isatty(fd) == 1;
  if (!may_wait) (void)::fcntl(fd, F_SETFL, 0);  // a device's own meaning of it would be in the way
  StreamOutput out(fd, may_wait ? Mode::non_blocking : Mode::blocks, path, stop);
  struct stat opened{};
  // For root another user may have put a link there since find_path().
  if (::fstat(fd, &opened) != 0 || opened.st_dev != there.st_dev || opened.st_ino != there.st_ino)
    return failure("write to", path, "another file has taken its place", EPERM);
  return out;
}

std::int64_t StreamOutput::put_some(std::string_view bytes) const {
  if (mode_ == Mode::socket)
    return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (mode_ != Mode::polled) return ::write(fd_, bytes.data(), bytes.size());
  pollfd ready{fd_, POLLOUT, 0};
  if (::poll(&ready, 1, 0) == 1)
    return ::write(fd_, bytes.data(), std::min(bytes.size(), atomic_bytes));
  errno = EAGAIN;
  return -1;
}

bool StreamOutput::is_overdue() {
  constexpr std::chrono::seconds grace(2);
  if (!stop_.stop_requested()) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!deadline_) deadline_ = now + grace;
  return now >= *deadline_;
}

Result<void> StreamOutput::put(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = put_some(bytes);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      if (is_overdue()) return output_stopped(name_);
      pollfd ready{fd_, POLLOUT, 0};
      (void)::poll(&ready, 1, beat_ms);
    } else if (errno != EINTR) {
      return failed("write to", name_);
    }
  }
  return {};
}

Result<void> StreamOutput::write(std::string_view bytes) {
  if (!state_) return state_;
  if (buffer_.size() + bytes.size() < stream_buffer) {
    buffer_ += bytes;
    return {};
  }
  if (auto flushed = flush(); !flushed) return flushed;
  return state_ = put(bytes);
}

Result<void> StreamOutput::flush() {
  const auto collected_bytes = std::exchange(buffer_, {});
  if (state_) state_ = put(collected_bytes);
  return state_;
}

}  // namespace hfaudit::os
