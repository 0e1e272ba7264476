// Who the cache belongs to, and what that user may do with an entry.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/file_info.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// The user on whose behalf the cache is judged. Thread-safe.
class CacheUser {
 public:
  CacheUser(std::uint32_t uid, std::uint32_t gid);
  ~CacheUser();
  CacheUser(CacheUser&&) noexcept;
  CacheUser& operator=(CacheUser&&) = delete;
  CacheUser(const CacheUser&) = delete;

  // "name", "name:group", or numbers. Errors: no such user or group.
  [[nodiscard]] static Result<CacheUser> parse(const std::string& text);

  [[nodiscard]] std::uint32_t uid() const;
  [[nodiscard]] std::uint32_t gid() const;
  [[nodiscard]] std::string name() const;  // the number where the system knows no name

  // What the kernel would let this user do, by owner, group, mode and, for entries of others, the
  // POSIX ACL of
  // `path` (absolute; symlinks in its last component are not followed). The user database is asked
  // only when an entry belongs to somebody else.
  [[nodiscard]] Access access(const FileInfo& meta, const std::string& path) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "alice", or the number.
[[nodiscard]] std::string user_name(std::uint32_t uid);
[[nodiscard]] std::string group_name(std::uint32_t gid);

}  // namespace hfaudit::os
