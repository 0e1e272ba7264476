// The locks by which the Hub's clients keep out of each other's way. A courtesy: without them two
// clients would only download the same file twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/inventory.hpp"
#include "os/fs.hpp"
#include "os/lock_file.hpp"
#include "os/processes.hpp"

namespace hfaudit {

struct LockLocation {
  std::shared_ptr<const os::Directory> folder;  // null: creating it failed
  std::string name;
  os::LockFile::Make make = os::LockFile::Make::never;
};

// Held until it is destroyed; the files stay.
struct HeldLocks {
  std::vector<os::LockFile> files;
  std::optional<Holder> other;  // another process has one of them; then `files` is empty
  bool excludes = false;        // we hold the first one, and flock means something there
};

// Takes all of them, the first of which every client of today would take. Locks that cannot be
// taken are skipped.
[[nodiscard]] HeldLocks take_locks(const std::vector<LockLocation>& locations,
                                   os::Processes& processes);

}  // namespace hfaudit
