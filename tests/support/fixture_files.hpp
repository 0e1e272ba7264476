// What the fixtures put on disk: plain POSIX calls that throw std::runtime_error with the path and
// the cause.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fixture_formats.hpp"

namespace hfaudit::fixture {

// A folder that things are made in. Everything gets the mode given here, whatever the umask;
// folders get 0755.
class FixtureRoot {
 public:
  // Makes `root` where it is not there; throws where it is and is not empty.
  explicit FixtureRoot(std::string root);

  // `path` below the root; "." is the root. Throws for an absolute path or one with "..".
  [[nodiscard]] std::string absolute(std::string_view path) const;
  [[nodiscard]] bool exists(std::string_view path) const;  // does not follow a link

  void directory(std::string_view path) const;  // with its parents
  void file(std::string_view path, const Content& content, mode_t mode = 0644) const;
  void append(std::string_view path, std::string_view bytes) const;
  void link(std::string_view path, const std::string& target) const;
  void hardlink(std::string_view path, std::string_view existing) const;
  void fifo(std::string_view path) const;
  void socket(std::string_view path) const;

  // With `all` these reach everything below `path` too; links themselves, never what they point at.
  void mode(std::string_view path, mode_t mode, bool all) const;  // leaves links alone
  void owner(std::string_view path, uid_t owner, gid_t group, bool all) const;
  void mtime(std::string_view path, std::int64_t seconds_from_now, bool all) const;

 private:
  void parents(const std::string& absolute_path) const;

  std::string root_;
};

// The text of a soft lock (filelock >= 3.22), from the words pid:dead|live|N, host:NAME and
// token:right|wrong|rebooted: pid, host and, where a token is asked for, the start token (>= 3.30).
// `live` is the process that pid:live means.
[[nodiscard]] std::string soft_lock(const std::vector<std::string>& words, pid_t live);
[[nodiscard]] std::string host_name();

}  // namespace hfaudit::fixture
