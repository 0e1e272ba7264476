#include "store/lock.hpp"

#include <cerrno>

#include "os/unix_time.hpp"
#include "scan/liveness.hpp"

namespace hfaudit {
namespace {

// A lock with text in it is a soft lock: it is held as long as its process lives. One of another
// machine counts as held, for all we know.
std::optional<Holder> soft_holder(const LockLocation& place, os::Processes& processes) {
  const auto meta = place.folder->stat(place.name);
  if (!meta || meta->type != FileType::regular || meta->size == 0) return std::nullopt;
  Lock lock;
  lock.meta = *meta;
  const auto now_ns = unix_time_ns();
  (void)judge_lock(processes, *place.folder, place.name, now_ns, lock);  // unread: it may be held
  const bool held = lock.state == LockState::held || lock.state == LockState::unknown;
  return held ? std::optional<Holder>(lock.holder) : std::nullopt;
}

Holder flock_holder(const LockLocation& place, os::Processes& processes) {
  const auto meta = place.folder->stat(place.name);
  return meta ? processes.flock_holder(meta->key).value_or(Holder{}) : Holder{};
}

}  // namespace

HeldLocks take_locks(const std::vector<LockLocation>& locations, os::Processes& processes) {
  HeldLocks locks;
  for (const auto& place : locations) {
    if (!place.folder) continue;
    locks.other = soft_holder(place, processes);
    if (locks.other) break;
    auto taken = os::LockFile::take(*place.folder, place.name, place.make);
    if (!taken) continue;
    if (!*taken) {
      locks.other = flock_holder(place, processes);
      break;
    }
    locks.files.push_back(std::move(**taken));
    // Where a second descriptor gets it too, every process does: Lustre, GPFS, some NFS mounts.
    if (&place == &locations.front())
      locks.excludes = os::probe_flock(*place.folder, place.name) == os::Tristate::yes;
  }
  if (locks.other) {
    locks.files.clear();
    locks.excludes = false;
  }
  return locks;
}

}  // namespace hfaudit
