#include "os/input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "os/system_error.hpp"

namespace hfaudit::os {

Result<std::string> read_all(int fd, const std::string& name, std::uint64_t most) {
  std::string text;
  std::array<char, std::size_t{64} * 1024> piece;
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got == 0) return text;
    if (got > 0) {
      text.append(piece.data(), static_cast<std::size_t>(got));
      if (text.size() > most) return failure("open", name, "too large", EFBIG);
    } else if (errno == EAGAIN) {  // a pipe that another process made non-blocking
      pollfd ready{fd, POLLIN, 0};
      (void)::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return failed("open", name);
    }
  }
}

Result<std::string> read_file(const std::string& path, std::uint64_t most) {
  if (path == "-") return read_all(STDIN_FILENO, path, most);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return failed("open", path);
  auto text = read_all(fd, path, most);
  ::close(fd);
  return text;
}

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace hfaudit::os
