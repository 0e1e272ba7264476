#include "os/stream_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "os/output.hpp"
#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr const char* stream_name = "standard output";
constexpr std::size_t stream_buffer = std::size_t{64} << 10;
constexpr int wanted_pipe_bytes = 1 << 20;  // the limit of an ordinary user

int open_without_blocking() {
  struct stat status{};
  if (::fstat(standard_output, &status) != 0 || !S_ISFIFO(status.st_mode)) return -1;
  const int fd = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0) (void)::fcntl(fd, F_SETPIPE_SZ, wanted_pipe_bytes);
  return fd;
}

}  // namespace

StreamOutput::StreamOutput(const std::stop_token& stop)
    : stop_(stop), own_(open_without_blocking()), fd_(own_ >= 0 ? own_ : standard_output) {}

StreamOutput::~StreamOutput() {
  if (own_ >= 0) ::close(own_);
}

Result<void> StreamOutput::put(std::string_view bytes) {
  constexpr int beat_ms = 100;
  while (!bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      if (stop_.stop_requested()) return failure("write to", stream_name, "interrupted", ECANCELED);
      pollfd ready{fd_, POLLOUT, 0};
      (void)::poll(&ready, 1, beat_ms);
    } else if (errno != EINTR) {
      return failed("write to", stream_name);
    }
  }
  return {};
}

Result<void> StreamOutput::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() < stream_buffer) {
    buffer_ += bytes;
    return {};
  }
  if (auto flushed = flush(); !flushed) return flushed;
  return put(bytes);
}

Result<void> StreamOutput::flush() {
  const auto collected_bytes = std::exchange(buffer_, {});
  return put(collected_bytes);
}

}  // namespace hfaudit::os
