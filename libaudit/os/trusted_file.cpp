#include "os/trusted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/format.hpp"
#include "os/root_path.hpp"
#include "os/system_error.hpp"
#include "os/users.hpp"

namespace hfaudit::os {
namespace {

bool is_trusted_user(uid_t user) {
  return user == 0 || user == ::geteuid();
}

bool has_access_list(int fd) {
  const auto name = formatted("/proc/self/fd/{}", fd);  // fgetxattr refuses O_PATH
  if (::getxattr(name.c_str(), "system.posix_acl_access", nullptr, 0) >= 0) return true;
  return errno != ENODATA && errno != EOPNOTSUPP;
}

bool others_may_write(int fd, const struct stat& status) {
  if ((status.st_mode & S_IWOTH) != 0) return true;
  if ((status.st_mode & S_IWGRP) == 0) return false;
  return status.st_gid != status.st_uid || has_access_list(fd);
}

tl::unexpected<Error> distrusted(const std::string& path, const struct stat& status) {
  constexpr unsigned permission_bits = 07777;
  return failure("use", path,
                 formatted("another user may write it (owner {}, mode {:04o})",
                           user_name(status.st_uid), status.st_mode & permission_bits),
                 EPERM);
}

// Component by component, each link by itself.
class TrustWalk {
 public:
  explicit TrustWalk(const std::string& path) : path_(path) {}

  [[nodiscard]] Result<std::optional<std::string>> read(std::uint64_t most) {
    PathHandle at(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::string rest = path_;
    while (true) {
      struct stat folder{};
      if (at.fd() < 0 || ::fstat(at.fd(), &folder) != 0) return failed("open", path_);
      const auto begin = rest.find_first_not_of('/');
      if (begin == std::string::npos) return failed("open", path_, EISDIR);
      const auto end = std::min(rest.find('/', begin), rest.size());
      const auto name = rest.substr(begin, end - begin);
      rest = rest.substr(end);
      where_ += "/" + name;
      PathHandle next(::openat(at.fd(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat status{};
      if (next.fd() < 0 || ::fstat(next.fd(), &status) != 0) return failed("open", path_);
      if (!holds(at, folder, status))
        return distrusted(where_.substr(0, std::max<std::size_t>(where_.rfind('/'), 1)), folder);
      if (S_ISREG(status.st_mode) && rest.empty()) return read_entry(at, name, next, status, most);
      if (!S_ISLNK(status.st_mode)) {
        at = std::move(next);
        continue;
      }
      constexpr int most_trusted_links = 40;
      if (++links_ > most_trusted_links) return failed("open", path_, ELOOP);
      if (!is_trusted_user(status.st_uid)) return distrusted(where_, status);
      std::array<char, PATH_MAX> text{};
      const auto length = ::readlinkat(next.fd(), "", text.data(), text.size());
      if (length <= 0) return failed("open", path_, length < 0 ? errno : ENOENT);
      rest = std::string(text.data(), static_cast<std::size_t>(length)) + rest;
      if (text.front() == '/') at = PathHandle(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
  }

 private:
  // Other users cannot replace this entry.
  [[nodiscard]] static bool holds(const PathHandle& at, const struct stat& folder,
                                  const struct stat& entry) {
    if (!is_trusted_user(folder.st_uid)) return false;
    if (!others_may_write(at.fd(), folder)) return true;
    return (folder.st_mode & S_ISVTX) != 0 && is_trusted_user(entry.st_uid);
  }

  // Without /proc, which an empty root lacks.
  [[nodiscard]] Result<std::optional<std::string>> read_entry(const PathHandle& folder,
                                                              const std::string& name,
                                                              const PathHandle& found,
                                                              const struct stat& status,
                                                              std::uint64_t most) const {
    if (!is_trusted_user(status.st_uid) || others_may_write(found.fd(), status))
      return distrusted(where_, status);
    const int fd = ::openat(folder.fd(), name.c_str(),
                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return failed("open", path_);
    struct stat opened{};
    if (::fstat(fd, &opened) != 0 || opened.st_ino != status.st_ino ||
        opened.st_dev != status.st_dev) {
      ::close(fd);
      return failed("open", path_, ESTALE);
    }
    std::string text(std::min<std::uint64_t>(static_cast<std::uint64_t>(status.st_size), most) + 1,
                     '\0');
    std::size_t filled = 0;
    ssize_t got = 1;
    while (got != 0 && filled < text.size()) {
      got = ::read(fd, text.data() + filled, text.size() - filled);
      if (got < 0 && errno != EINTR) break;
      filled += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    const int code = got < 0 ? errno : 0;
    ::close(fd);
    if (code != 0) return failed("read", path_, code);
    if (filled > most) return failed("read", path_, EFBIG);
    text.resize(filled);
    return text;
  }

  const std::string& path_;
  std::string where_;
  int links_ = 0;
};

}  // namespace

Result<std::optional<std::string>> read_trusted_file(const std::string& path, std::uint64_t most) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {  // the usual case, in one call
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return std::nullopt;
    return failed("open", path);
  }
  return TrustWalk(path).read(most);
}

}  // namespace hfaudit::os
