// The pass over locks.
#include "rules/rules.hpp"

namespace hfaudit {

void check_locks(RepoCheck& c) {
  std::vector<const Lock*> idle;
  for (const auto& lock : c.repo.locks) {
    if (lock.meta.type != FileType::regular) {
      c.raise(FindingId::unrecognized_entry, {lock.path, Root::hub},
              "no regular file in the place of a lock");
      continue;
    }
    const bool of_other_host = lock.kind == LockKind::soft && lock.state == LockState::unknown;
    if (lock.state == LockState::held || of_other_host) continue;
    if (blocks_clients(lock))
      raise_stale_lock(c, lock);
    else
      idle.push_back(&lock);
  }
  if (!idle.empty()) raise_idle_lock(c, idle);
}

}  // namespace hfaudit
