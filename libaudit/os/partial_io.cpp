#include "os/partial_io.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hfaudit::os {

Result<void> write_at(int fd, std::uint64_t offset, std::span<const char> bytes,
                      std::size_t& written) {
  written = 0;
  while (written < bytes.size()) {
    const auto rest = bytes.subspan(written);
    const auto done = ::pwrite(fd, rest.data(), rest.size(), static_cast<off_t>(offset + written));
    if (done > 0) {
      written += static_cast<std::size_t>(done);
    } else if (done == 0 || errno != EINTR) {
      const int code = done == 0 ? EIO : errno;
      return failure("write", "", std::strerror(code), code);
    }
  }
  return {};
}

bool set_direct(int fd, bool direct) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}

Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<char> into) {
  std::size_t got = 0;
  while (got < into.size()) {
    const auto rest = into.subspan(got);
    const auto done = ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + got));
    if (done == 0) break;
    if (done > 0) {
      got += static_cast<std::size_t>(done);
    } else if (errno != EINTR) {
      return failure("read", "", std::strerror(errno), errno);
    }
  }
  return got;
}

void begin_writeback(int fd, std::uint64_t offset, std::uint64_t length) {
  (void)::sync_file_range(fd, static_cast<off_t>(offset), static_cast<off_t>(length),
                          SYNC_FILE_RANGE_WRITE);
}

FileKey key_of(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

bool is_full(const Error& error) {
  return error.code == ENOSPC || error.code == EDQUOT;
}

}  // namespace hfaudit::os
