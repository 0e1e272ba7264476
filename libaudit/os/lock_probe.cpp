#include "os/lock_probe.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "os/system_error.hpp"
#include "os/write_fs.hpp"

namespace hfaudit::os {

Tristate probe_flock(const Directory& directory, const std::string& name,
                     std::optional<Error>* error) {
  const auto note = [&](std::string_view operation, int code) {
    constexpr std::array harmless = {EACCES, EPERM,      ENOENT, ELOOP,
                                     ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL};
    if (error == nullptr || std::find(harmless.begin(), harmless.end(), code) != harmless.end())
      return;
    *error = failed(operation, name, code).value();
  };
  const int fd =
      ::openat(directory.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    note("open", errno);
    return Tristate::unknown;
  }
  Tristate held = Tristate::unknown;
  if (::flock(fd, LOCK_SH | LOCK_NB) == 0) {
    held = Tristate::no;
    ::flock(fd, LOCK_UN);
  } else if (errno == EWOULDBLOCK) {
    held = Tristate::yes;
  } else {
    note("lock", errno);
  }
  ::close(fd);
  return held;
}

Tristate is_written_by_others(const Directory& directory, const std::string& name) {
  if (!is_local(directory)) return Tristate::unknown;
  const int fd =
      ::openat(directory.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return Tristate::unknown;
  Tristate written = Tristate::unknown;
  // A process that opens the file in this instant breaks the lease by a signal: one that is ignored
  // by default, in place of SIGIO.
  if (::fcntl(fd, F_SETSIG, SIGURG) == 0) {
    if (::fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
      (void)::fcntl(fd, F_SETLEASE, F_UNLCK);
      written = Tristate::no;
    } else if (errno == EAGAIN) {
      written = Tristate::yes;
    }
  }
  ::close(fd);
  return written;
}

Tristate flock_works(const Directory& directory, const std::string& name) {
  const int first =
      ::openat(directory.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (first < 0) return Tristate::unknown;
  const int second =
      ::openat(directory.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  Tristate works = Tristate::unknown;
  // A shared lock first: where flock works, the exclusive one is refused, and other processes
  // always find it free.
  if (second >= 0 && ::flock(first, LOCK_SH | LOCK_NB) == 0) {
    if (::flock(second, LOCK_EX | LOCK_NB) == 0) {
      works = Tristate::no;
    } else if (errno == EWOULDBLOCK) {
      works = Tristate::yes;
    }
    ::flock(first, LOCK_UN);
  }
  if (second >= 0) ::close(second);
  ::close(first);
  return works;
}

}  // namespace hfaudit::os
