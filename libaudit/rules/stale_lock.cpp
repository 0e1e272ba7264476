// # stale-lock
//
// A lock blocks clients by its existence, and its holder is gone: a soft lock whose process has
// ended or was started anew under the same pid, one without a readable holder, a lock of hf-hub 0.4
// whose blob is absent. Also a lock that the cache's user may not open for reading and writing,
// whoever holds it.
//
// Why it matters: the client waits for this lock until its timeout, or for ever.
//
// Not raised: for a soft lock of another host, whose processes are not visible here; for locks by
// flock(2), which end with their process (idle-lock).
//
// Causes: filelock's soft locks, which huggingface_hub from 0.25 on uses where flock(2) does not
// work, and hf-hub 0.4, after the client was killed. A run as root leaves locks that other users
// may not open; huggingface_hub from 1.4 on makes them writable for the group.
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// Every client opens the lock of an absent blob for reading and writing before it downloads.
bool keeps_user_out(const Lock& lock) {
  return lock.meta.type == FileType::regular && !(lock.meta.access.read && lock.meta.access.write);
}

std::string reason_of(const RepoCheck& c, const Lock& lock) {
  if (lock.state == LockState::stale && lock.kind == LockKind::soft) {
    if (lock.holder.pid == 0) return "a soft lock with no readable holder";
    return "pid " + std::to_string(lock.holder.pid) + ", which made this lock, is gone";
  }
  if (lock.state == LockState::stale)
    return "left by a process that is gone; hf-hub 0.4 waits for it in vain";
  return c.context.user_name + " may not open this lock, so its downloads stop here";
}

}  // namespace

bool blocks_clients(const Lock& lock) {
  return lock.state == LockState::stale || keeps_user_out(lock);
}

void raise_stale_lock(RepoCheck& c, const Lock& lock) {
  auto& finding = c.raise(FindingId::stale_lock, {lock.path, Root::hub}, reason_of(c, lock));
  finding.seen = identity_of(lock.meta);
  if (lock.holder.pid != 0)
    finding.details.emplace_back(detail_key::pid, static_cast<std::uint64_t>(lock.holder.pid));
  if (!keeps_user_out(lock)) {
    // Removed only after the blob is here: nothing else shows that it was wanted.
    if (is_only_evidence(c, lock)) finding.details.emplace_back(detail_key::blob, lock.etag);
    return;
  }
  finding.fix = lock.meta.uid == c.context.user_id ? fix::chmod : fix::chown;
  finding.details.emplace_back(detail_key::uid, std::uint64_t{lock.meta.uid});
  if (!c.context.owner.empty())
    finding.details.emplace_back(detail_key::wanted_owner, c.context.owner);
}

}  // namespace hfaudit
