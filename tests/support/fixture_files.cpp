#include "fixture_files.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <vector>

namespace hfaudit::fixture {
namespace {

namespace fs = boost::filesystem;

[[noreturn]] void fail(const std::string& operation, const std::string& path) {
  throw std::runtime_error(operation + " " + path + ": " + std::strerror(errno));
}

void check(bool done, const char* operation, const std::string& path) {
  if (!done) fail(operation, path);
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, mode_t mode)
      : path_(path), fd_(open(path.c_str(), flags, mode)) {
    check(fd_ >= 0, "create", path);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }

  void write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto done = write(fd_, bytes.data(), bytes.size());
      check(done > 0, "write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
  }
  void size_and_mode(std::uint64_t size, mode_t mode) const {
    check(ftruncate(fd_, static_cast<off_t>(size)) == 0, "resize", path_);
    check(fchmod(fd_, mode) == 0, "chmod", path_);
  }

 private:
  std::string path_;
  int fd_;
};

// `all`: with everything below it, the content of a folder before the folder itself.
void for_all(const std::string& path, bool all,
             const std::function<void(const std::string&, const struct stat&)>& act) {
  std::vector<fs::path> paths{path};
  if (all && fs::is_directory(fs::symlink_status(path))) {
    for (const auto& entry : fs::recursive_directory_iterator(path))
      paths.push_back(entry.path());
  }
  std::reverse(paths.begin(), paths.end());
  for (const auto& one : paths) {
    struct stat status{};
    check(lstat(one.c_str(), &status) == 0, "stat", one.native());
    act(one.native(), status);
  }
}

}  // namespace

FixtureRoot::FixtureRoot(std::string root) : root_(std::move(root)) {
  while (root_.size() > 1 && root_.back() == '/')
    root_.pop_back();
  if (root_.empty()) throw std::runtime_error("no destination");
  root_ = fs::absolute(root_).native();
  parents(root_ + "/.");
  if (rmdir(root_.c_str()) != 0) fail("use", root_);
  check(mkdir(root_.c_str(), 0755) == 0 && chmod(root_.c_str(), 0755) == 0, "create", root_);
}

std::string FixtureRoot::absolute(std::string_view path) const {
  if (path == ".") return root_;
  std::string framed(1, '/');
  framed.append(path).append(1, '/');
  if (path.empty() || path[0] == '/' || framed.find("/../") != std::string::npos) {
    throw std::runtime_error("a path must stay inside the fixture: " + std::string(path));
  }
  return root_ + "/" + std::string(path);
}

bool FixtureRoot::exists(std::string_view path) const {
  struct stat status{};
  return lstat(absolute(path).c_str(), &status) == 0;
}

void FixtureRoot::parents(const std::string& absolute_path) const {
  for (auto at = absolute_path.find('/', 1); at != std::string::npos;
       at = absolute_path.find('/', at + 1)) {
    const std::string folder = absolute_path.substr(0, at);
    if (mkdir(folder.c_str(), 0755) == 0) {
      check(chmod(folder.c_str(), 0755) == 0, "chmod", folder);
    } else if (errno != EEXIST) {
      fail("create", folder);
    }
  }
}

void FixtureRoot::directory(std::string_view path) const {
  parents(absolute(path) + "/.");
}

void FixtureRoot::file(std::string_view path, const Content& content, mode_t mode) const {
  const std::string name = absolute(path);
  parents(name);
  const Descriptor file(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  file.write_all(content.head);
  file.size_and_mode(content.size, mode);
}

void FixtureRoot::append(std::string_view path, std::string_view bytes) const {
  const Descriptor file(absolute(path), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0);
  file.write_all(bytes);
}

void FixtureRoot::link(std::string_view path, const std::string& target) const {
  const std::string name = absolute(path);
  parents(name);
  check(symlink(target.c_str(), name.c_str()) == 0, "link", name);
}

void FixtureRoot::hardlink(std::string_view path, std::string_view existing) const {
  const std::string name = absolute(path);
  parents(name);
  check(::link(absolute(existing).c_str(), name.c_str()) == 0, "link", name);
}

void FixtureRoot::fifo(std::string_view path) const {
  const std::string name = absolute(path);
  parents(name);
  check(mkfifo(name.c_str(), 0644) == 0, "mkfifo", name);
}

void FixtureRoot::socket(std::string_view path) const {
  const std::string name = absolute(path);
  parents(name);
  check(mknod(name.c_str(), S_IFSOCK | 0644, 0) == 0, "mknod", name);
}

void FixtureRoot::mode(std::string_view path, mode_t mode, bool all) const {
  for_all(absolute(path), all, [&](const std::string& name, const struct stat& status) {
    if (!S_ISLNK(status.st_mode)) check(chmod(name.c_str(), mode) == 0, "chmod", name);
  });
}

void FixtureRoot::owner(std::string_view path, uid_t owner, gid_t group, bool all) const {
  for_all(absolute(path), all, [&](const std::string& name, const struct stat&) {
    check(lchown(name.c_str(), owner, group) == 0, "chown", name);
  });
}

void FixtureRoot::mtime(std::string_view path, std::int64_t seconds_from_now, bool all) const {
  const std::array<timespec, 2> times{timespec{time(nullptr) + seconds_from_now, 0},
                                      timespec{time(nullptr) + seconds_from_now, 0}};
  for_all(absolute(path), all, [&](const std::string& name, const struct stat&) {
    check(utimensat(AT_FDCWD, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0, "utime", name);
  });
}

}  // namespace hfaudit::fixture
