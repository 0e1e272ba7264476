// The pass over locks.
#include <map>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

void check_locks(RepoCheck& c) {
  std::vector<const Lock*> idle;
  // one lock, and how many are like it
  std::map<std::pair<std::string, std::uint32_t>, std::pair<const Lock*, std::size_t>> closed;
  for (const auto& lock : c.repo.locks) {
    if (lock.meta.type != FileType::regular) {
      c.raise(FindingId::unrecognized_entry, {lock.path, Root::hub},
              "in the place of a lock, and no regular file");
      continue;
    }
    const bool of_other_host = lock.kind == LockKind::soft && lock.state == LockState::unknown;
    if (lock.state == LockState::held || of_other_host) continue;
    if (c.context.sharing && keeps_clients_out(c, lock)) {
      const auto [at, first] =
          closed.try_emplace({folder_of(lock.path), lock.meta.uid}, &lock, std::size_t{0});
      if (!first) ++at->second.second;
    } else if (blocks_clients(c, lock))
      raise_stale_lock(c, lock);
    else
      idle.push_back(&lock);
  }
  for (const auto& [key, locks] : closed)
    raise_stale_lock(c, *locks.first, locks.second);
  if (!idle.empty()) raise_idle_lock(c, idle);
}

}  // namespace hfaudit
