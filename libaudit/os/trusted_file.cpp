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
#include "os/access.hpp"
#include "os/input.hpp"
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
  return !is_private_group(status.st_uid, status.st_gid) || has_access_list(fd);
}

// In brackets, with the group if it may write.
std::string writers_of(const struct stat& status) {
  const bool shared = (status.st_mode & S_IWGRP) != 0 && !S_ISLNK(status.st_mode);
  return formatted("({}{})", owner_and_mode(status),
                   shared ? ", group " + group_name(status.st_gid) : std::string());
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
      if (at.fd() < 0 || ::fstat(at.fd(), &folder) != 0) return failed_at(errno);
      const auto begin = rest.find_first_not_of('/');
      if (begin == std::string::npos) return failed_at(EISDIR);
      const auto end = std::min(rest.find('/', begin), rest.size());
      const auto name = rest.substr(begin, end - begin);
      rest = rest.substr(end);
      const std::string folder_path = where_.empty() ? "/" : where_;
      enter(name);
      PathHandle next(::openat(at.fd(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat status{};
      if (next.fd() < 0 || ::fstat(next.fd(), &status) != 0) return failed_at(errno);
      if (!holds(at, folder, status)) return distrusted(folder_path, folder);
      if (S_ISREG(status.st_mode) && rest.empty()) return read_entry(at, name, next, status, most);
      if (!S_ISLNK(status.st_mode)) {
        at = std::move(next);
        continue;
      }
      constexpr int most_trusted_links = 40;
      if (links_ >= most_trusted_links) return failed_at(ELOOP);
      if (!is_trusted_user(status.st_uid))
        return refused(
            formatted("the link {} belongs to another user {}", where_, writers_of(status)));
      std::array<char, PATH_MAX> text{};
      const auto length = ::readlinkat(next.fd(), "", text.data(), text.size());
      if (length <= 0) return failed_at(length < 0 ? errno : ENOENT);
      rest = std::string(text.data(), static_cast<std::size_t>(length)) + rest;
      ++links_;
      enter("..");
      if (text.front() != '/') continue;
      at = PathHandle(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
      where_.clear();
    }
  }

 private:
  // `where_` has no links in it, so that the folder above is the text before the last slash.
  void enter(const std::string& name) {
    if (name == ".") return;
    if (name != "..") {
      where_ += "/" + name;
    } else if (!where_.empty()) {
      where_.erase(where_.rfind('/'));
    }
  }

  [[nodiscard]] tl::unexpected<Error> refused(const std::string& why) const {
    return failure("use", path_, why, EPERM);
  }

  [[nodiscard]] tl::unexpected<Error> distrusted(const std::string& where,
                                                 const struct stat& status) const {
    const auto whose = writers_of(status);
    if (links_ > 0)
      return refused(formatted("it leads to {}, which another user may write {}", where, whose));
    return refused(formatted("another user may write {} {}", where == path_ ? "it" : where, whose));
  }

  [[nodiscard]] tl::unexpected<Error> failed_at(int code) const {
    auto error = failed("open", path_, code);
    if (links_ > 0)
      error.value().cause = formatted("it leads to {}: {}", where_, error.value().cause);
    return error;
  }

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
    if (fd < 0) return failed_at(errno);
    struct stat opened{};
    const bool same = ::fstat(fd, &opened) == 0 && opened.st_ino == status.st_ino &&
                      opened.st_dev == status.st_dev;
    auto text = same ? read_all(fd, path_, most) : Result<std::string>(failed_at(ESTALE));
    ::close(fd);
    if (!text) return tl::unexpected(std::move(text.error()));
    return std::move(*text);
  }

  const std::string& path_;
  std::string where_;  // the path so far, without links; empty: the root
  int links_ = 0;      // that were followed
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
