// A lock file as filelock and Rust's std take it: flock(2) on an empty file that stays when it is
// released.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_info.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// Held until it is destroyed. Movable.
class LockFile {
 public:
  enum class Make { if_missing, never };
  // Regardless of the umask: users who share a cache wait for each other, as with filelock.
  static constexpr std::uint32_t usual_mode = 0664;

  // nullopt: another process holds it. Errors: opening or locking failed (permission denied, a link
  // in its place, a file system without flock; ENOENT where it is missing and `make` forbids
  // creation).
  [[nodiscard]] static Result<std::optional<LockFile>> take(const Directory& folder,
                                                            const std::string& name, Make make,
                                                            std::uint32_t mode = usual_mode);

  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace hfaudit::os
