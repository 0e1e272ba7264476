#include "os/partial_io.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

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

bool share_blocks(const File& source, int into) {
  return ::ioctl(into, FICLONE, source.fd()) == 0;
}

Result<void> set_length(int fd, std::uint64_t length) {
  if (::ftruncate(fd, static_cast<off_t>(length)) == 0) return {};
  return failure("cut", "", std::strerror(errno), errno);
}

std::uint64_t clone_content(const File& source, int into, std::uint64_t bytes) {
  if (bytes == source.size() && share_blocks(source, into)) return bytes;
  constexpr std::uint64_t most_at_once = std::uint64_t{64} << 20U;
  off_t from = 0;
  off_t to = 0;
  while (static_cast<std::uint64_t>(to) < bytes) {
    const auto left = std::min(most_at_once, bytes - static_cast<std::uint64_t>(to));
    const auto copied =
        ::copy_file_range(source.fd(), &from, into, &to, static_cast<std::size_t>(left), 0);
    if (copied < 0 && errno == EINTR) continue;
    // unsupported between these file systems, a full disk, or the source has shrunk
    if (copied <= 0) break;
  }
  std::vector<char> buffer(std::size_t{1} << 20U);
  while (static_cast<std::uint64_t>(to) < bytes) {
    const auto left =
        std::min<std::uint64_t>(buffer.size(), bytes - static_cast<std::uint64_t>(to));
    const auto got = ::pread(source.fd(), buffer.data(), static_cast<std::size_t>(left), to);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    const auto put = ::pwrite(into, buffer.data(), static_cast<std::size_t>(got), to);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) break;
    to += put;
  }
  return static_cast<std::uint64_t>(to);
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
