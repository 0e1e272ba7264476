// # stale-lock
//
// A lock blocks clients by its existence, and its holder is gone: a soft lock whose process has
// ended or was started anew under the same pid, one without a readable holder, a lock of hf-hub 0.4
// whose blob is absent. Also a lock whose mode keeps the cache's user from reading or writing it;
// in a cache that a group shares (its hub folder lets the group write), one that keeps the group
// out. Those of one folder and owner are one finding.
//
// Why it matters: the client waits for this lock until its timeout, or for ever. A lock that keeps
// the client out ends it with PermissionError, also where the content is here and only the entry of
// a new revision is to be made.
//
// Not raised: for locks of a cache that the user may only read; for a soft lock of another host,
// whose processes are invisible here; for locks by flock(2), which end with their process
// (idle-lock).
//
// Causes: filelock's soft locks, which huggingface_hub from 0.25 on uses where flock(2) fails, and
// hf-hub 0.4, after the client was killed. A run as root leaves locks that keep other users out.
// Clients before huggingface_hub 1.4 make locks of mode 0644 regardless of the umask and the
// folder; those from 1.4 on make them writable for the group. After a repair, members with an older
// client leave such locks again.
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// Every client opens the lock of an absent blob for reading and writing before it downloads.
bool keeps_out(const Access& access) {
  return !(access.read && access.write);
}

bool keeps_user_out(const Lock& lock) {
  return lock.meta.type == FileType::regular && keeps_out(lock.meta.access);
}

std::string reason_of(const RepoCheck& c, const Lock& lock) {
  if (lock.state == LockState::stale && lock.kind == LockKind::soft) {
    if (lock.holder.pid == 0) return "a soft lock with no readable holder";
    return "pid " + std::to_string(lock.holder.pid) + ", which made this lock, has ended";
  }
  if (lock.state == LockState::stale)
    return "left by a process that has ended; hf-hub 0.4 waits for it forever";
  if (keeps_user_out(lock))
    return c.context.user_name + " may not open this lock, so its downloads stop here";
  return "members of group " + c.context.group_name +
         ", which shares this cache, may not open this lock, so their downloads stop here";
}

}  // namespace

bool keeps_clients_out(const RepoCheck& c, const Lock& lock) {
  if (c.context.reads_only || lock.state == LockState::stale) return false;
  return keeps_user_out(lock) || (c.context.sharing && keeps_out(lock.meta.members));
}

bool blocks_clients(const RepoCheck& c, const Lock& lock) {
  return lock.state == LockState::stale || keeps_clients_out(c, lock);
}

// `more`: as many in the same folder are like it.
void raise_stale_lock(RepoCheck& c, const Lock& lock, std::size_t more) {
  auto& finding = c.raise(FindingId::stale_lock, {lock.path, Root::hub}, reason_of(c, lock));
  finding.seen = identity_of(lock.meta);
  if (lock.holder.pid != 0)
    finding.details.emplace_back(detail_key::pid, static_cast<std::uint64_t>(lock.holder.pid));
  constexpr std::uint32_t mode_of_old_locks = 0644;
  if (c.context.sharing && keeps_clients_out(c, lock) && lock.meta.mode == mode_of_old_locks)
    finding.message += " (mode 0644, as clients before huggingface_hub 1.4 make it)";
  if (more != 0) {
    finding.message += "; the same holds for " + std::to_string(more) + " more here";
    finding.details.emplace_back(detail_key::count, std::uint64_t{more + 1});
  }
  // Removed only after the blob is here: until then the lock alone shows that it was wanted.
  if (!keeps_user_out(lock) && is_only_evidence(c, lock))
    finding.details.emplace_back(detail_key::blob, lock.etag);
  if (c.context.reads_only || !(keeps_user_out(lock) || keeps_clients_out(c, lock))) return;
  const bool by_owner = lock.meta.uid == c.context.user_id;
  const bool by_mode = by_owner || (c.context.sharing && lock.meta.uid != 0);
  finding.fix = by_mode ? fix::chmod : fix::chown;
  if (by_mode) add_sharing(c, lock.meta, finding);
  finding.details.emplace_back(detail_key::uid, std::uint64_t{lock.meta.uid});
  if (!c.context.owner.empty())
    finding.details.emplace_back(detail_key::wanted_owner, c.context.owner);
}

}  // namespace hfaudit
