#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

std::string reason(const Case& c, const Lock& lock) {
  if (lock.state == LockState::stale && lock.kind == LockKind::soft) {
    if (lock.holder.pid == 0) return "a soft lock with no readable holder";
    return "pid " + std::to_string(lock.holder.pid) + ", which made this lock, is gone";
  }
  if (lock.state == LockState::stale) return "left by a process that is gone; hf-hub 0.4 waits for it in vain";
  return c.context.user_name + " may not open this lock, so its downloads stop here";
}

// Every client opens the lock of an absent blob for reading and writing before it downloads.
bool keeps_out(const Lock& lock) {
  return lock.meta.type == FileType::regular && !(lock.meta.access.read && lock.meta.access.write);
}

}  // namespace

void check_locks(Case& c) {
  std::uint64_t idle = 0;
  std::string first;
  for (const auto& lock : c.repo.locks) {
    if (lock.meta.type != FileType::regular) {
      c.raise(FindingId::unrecognized_entry, "//" + lock.path, "no regular file in the place of a lock");
      continue;
    }
    const bool untold = lock.kind == LockKind::soft && lock.state == LockState::unknown;  // another host's
    if (lock.state == LockState::held || untold) continue;
    if (lock.state == LockState::stale || keeps_out(lock)) {
      auto& finding = c.raise(FindingId::stale_lock, "//" + lock.path, reason(c, lock));
      finding.seen = seen_of(lock.meta);
      if (lock.holder.pid != 0) finding.details.emplace_back("pid", static_cast<std::uint64_t>(lock.holder.pid));
      if (keeps_out(lock)) {
        finding.fix = lock.meta.uid == c.context.user_id ? "chmod" : "chown";
        finding.details.emplace_back("uid", std::uint64_t{lock.meta.uid});
        if (!c.context.owner.empty()) finding.details.emplace_back("wanted_owner", c.context.owner);
      }
      continue;
    }
    if (idle++ == 0) first = lock.path.substr(0, lock.path.rfind('/'));
  }
  if (idle == 0) return;
  auto& finding =
      c.raise(FindingId::idle_lock, "//" + first, std::to_string(idle) + " lock files that nobody holds: harmless");
  finding.details.emplace_back("count", idle);
}

}  // namespace hfaudit
