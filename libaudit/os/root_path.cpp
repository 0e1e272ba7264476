#include "os/root_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <utility>

#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr int most_links_followed = 40;

tl::unexpected<Error> refused_link(const std::string& path) {
  return failure(
      "open", path,
      "the path has a link of another user, which root does not follow; name the target folder",
      EPERM);
}

// The walk of root: component by component, each link by itself.
class RootWalk {
 public:
  explicit RootWalk(const std::string& path) : path_(path) {}

  [[nodiscard]] Result<PathHandle> run() {
    PathHandle at(open_start(path_));
    std::string rest = path_;
    while (true) {
      const auto begin = rest.find_first_not_of('/');
      if (at.fd() < 0) return failed("open", path_);
      if (begin == std::string::npos) break;
      const auto end = std::min(rest.find('/', begin), rest.size());
      const auto name = rest.substr(begin, end - begin);
      rest = rest.substr(end);
      PathHandle next(::openat(at.fd(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat status{};
      if (next.fd() < 0 || ::fstat(next.fd(), &status) != 0) return failed("open", path_);
      if (!S_ISLNK(status.st_mode)) {
        at = std::move(next);
        continue;
      }
      if (++links_ > most_links_followed) return failed("open", path_, ELOOP);
      if (!may_follow(at.fd(), status)) return refused_link(path_);
      std::array<char, PATH_MAX> text{};
      const auto length = ::readlinkat(next.fd(), "", text.data(), text.size());
      if (length <= 0) return failed("open", path_, length < 0 ? errno : ENOENT);
      rest = std::string(text.data(), static_cast<std::size_t>(length)) + rest;
      if (text.front() == '/') at = PathHandle(open_start("/"));
    }
    struct stat found{};
    if (::fstat(at.fd(), &found) != 0) return failed("open", path_);
    if (user_ && found.st_uid != *user_) return refused_link(path_);
    return at;
  }

 private:
  static int open_start(const std::string& path) {
    return ::open(path.starts_with('/') ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  }

  // Where another user can influence the path, its end must belong to `user_`.
  bool may_follow(int folder, const struct stat& link) {
    struct stat around{};
    if (::fstat(folder, &around) != 0) return false;
    const bool others_write =
        (around.st_mode & S_IWOTH) != 0 || ((around.st_mode & S_IWGRP) != 0 && around.st_gid != 0);
    const bool sticky = (around.st_mode & S_ISVTX) != 0;
    if (around.st_uid == 0 && (!others_write || (sticky && link.st_uid == 0))) return true;
    const auto user = around.st_uid != 0 ? around.st_uid : link.st_uid;
    const bool theirs = link.st_uid == user || (link.st_uid == 0 && around.st_uid != 0);
    if (user == 0 || !theirs || (user_ && *user_ != user)) return false;
    user_ = user;
    return true;
  }

  const std::string& path_;
  std::optional<uid_t> user_;
  int links_ = 0;
};

}  // namespace

PathHandle& PathHandle::operator=(PathHandle&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

PathHandle::~PathHandle() {
  if (fd_ >= 0) ::close(fd_);
}

Result<PathHandle> find_path(const std::string& path) {
  if (::geteuid() == 0) return RootWalk(path).run();
  PathHandle found(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (found.fd() < 0) return failed("open", path);
  return found;
}

Result<Directory> open_folder_at(const std::string& path) {
  if (::geteuid() != 0) return Directory::open_root(path);
  const auto found = find_path(path);
  if (!found) return tl::unexpected<Error>(found.error());
  auto folder = Directory::open_root(path);
  struct stat status{};
  if (!folder || ::fstat(found->fd(), &status) != 0) return folder;
  const auto itself = folder->stat_self();
  // Another user may have laid a link between the two calls.
  if (!itself || itself->key != FileKey{status.st_dev, status.st_ino}) return refused_link(path);
  return folder;
}

}  // namespace hfaudit::os
