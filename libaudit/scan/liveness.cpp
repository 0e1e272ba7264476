#include "scan/liveness.hpp"

#include <cerrno>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cache/soft_lock.hpp"

namespace hfaudit {
namespace {

constexpr std::int64_t grown_lately_ns = 60LL * 1'000'000'000;

// A lock that is closed to this process leaves the question open; one that is unreadable for
// another reason is an error of the scan.
void judge_soft_lock(os::Processes& processes, const os::Directory& hub, const std::string& path,
                     std::int64_t now_ns, Lock& lock, std::optional<Error>& error) {
  lock.kind = LockKind::soft;
  const auto text = hub.read_small(path, 1025);
  if (!text) {
    const int code = text.error().code;
    if (!os::is_absent(text.error()) && code != EACCES && code != EPERM && code != ELOOP)
      error = text.error();
    return;
  }
  if (is_strict_sentinel(*text)) return;
  const auto record = parse_soft_lock(*text);
  if (!record) {
    lock.state = LockState::stale;  // filelock itself clears a malformed record after two seconds
    if (now_ns - lock.meta.mtime_ns < 10LL * 1'000'000'000) lock.state = LockState::unknown;
    return;
  }
  lock.holder = {record->pid, ""};
  lock.host = record->host;
  switch (processes.soft_holder_alive(record->pid, record->host, record->start_token)) {
    case os::Tristate::yes:
      lock.state = LockState::held;
      lock.holder.command = processes.command_of(record->pid);
      break;
    case os::Tristate::no:
      lock.state = LockState::stale;
      break;
    case os::Tristate::unknown:
      break;
  }
}

// `wanted`: a verdict depends on it, so an answer is worth a probe.
void judge_flock(const WalkContext& context, Lock& lock, bool wanted, std::optional<Error>& error) {
  if (const auto holder = context.processes.flock_holder(lock.meta.key)) {
    lock.state = LockState::held;
    lock.holder = *holder;
    return;
  }
  if (!wanted) {
    lock.state = LockState::free;
    return;
  }
  // /proc/locks hides holders in other PID namespaces and on other NFS clients; the file system
  // itself knows them.
  switch (os::probe_flock(context.hub, lock.path, &error)) {
    case os::Tristate::yes:
      lock.state = LockState::held;
      break;
    case os::Tristate::no:
      lock.state = LockState::free;
      break;
    case os::Tristate::unknown:
      lock.state = LockState::unknown;
      break;
  }
}

// The base of the name of a partial's lock: the blob, or in a --local-dir download the file.
const std::string& lock_key(const Partial& partial) {
  return partial.local_file.empty() ? partial.etag : partial.local_file;
}

// Partials and locks by their target, so that a repo of thousands needs linear time.
struct Index {
  std::unordered_map<std::string_view, std::vector<const Lock*>> locks;
  // keys of partials with and without a writing process
  std::unordered_set<std::string_view> open, waiting;
};

// `folder` of the repo, in the hub.
void judge_partial(const WalkContext& context, const std::string& folder, const Index& index,
                   Partial& partial) {
  const auto found = index.locks.find(lock_key(partial));
  if (found == index.locks.end() || lock_key(partial).empty()) return;
  const Lock* unheld = nullptr;
  for (const auto* lock : found->second) {
    if (lock->state != LockState::held) {
      if (lock->kind != LockKind::soft) unheld = lock;
      continue;
    }
    // The holder may be downloading another partial of the same blob, and this one be a dead run's.
    if (index.open.contains(lock_key(partial))) continue;
    partial.lock_held = true;
    partial.holder = lock->holder;
    return;
  }
  if (unheld == nullptr) return;
  if (unheld->state == LockState::free &&
      os::flock_works(context.hub, unheld->path) != os::Tristate::no)
    return;
  // hf-hub before 0.4.3 works without flock: its process has the partial file open.
  if (unheld->kind == LockKind::existence &&
      os::is_written_by_others(context.hub, folder + "/" + partial.path) == os::Tristate::no)
    return;
  partial.liveness_known = false;
  partial.lock_held = context.now_ns - partial.meta.mtime_ns < grown_lately_ns;
}

// An existence lock has only its existence as evidence. Once the blob is here, clients ignore the
// lock; while a process has the partial open, the download is alive.
void judge_existence_lock(const RepoInventory& inventory, const Index& index, Lock& lock) {
  if (lock.state == LockState::held) return;
  if (index.open.contains(lock.etag))
    lock.state = LockState::held;
  else if (inventory.find_blob(lock.etag) < 0)
    lock.state = LockState::stale;
}

}  // namespace

std::optional<Error> judge_lock(os::Processes& processes, const os::Directory& hub,
                                const std::string& path, std::int64_t now_ns, Lock& lock) {
  std::optional<Error> error;
  if (lock.meta.type != FileType::regular) return error;
  const bool soft = path.ends_with(".soft");
  if (lock.meta.size > 0 || soft) {
    judge_soft_lock(processes, hub, path, now_ns, lock, error);
    return error;
  }
  const auto holder = processes.flock_holder(lock.meta.key);
  lock.state = holder ? LockState::held : LockState::free;
  if (holder) lock.holder = *holder;
  return error;
}

void judge_liveness(const WalkContext& context, RepoInventory& inventory) {
  Index index;
  for (auto& partial : inventory.partials) {
    const auto& content = partial.data ? *partial.data : partial.meta;
    if (auto writer = context.processes.writer_of(content.key)) {
      partial.open = true;
      partial.holder = std::move(*writer);
    }
    (partial.open ? index.open : index.waiting).insert(lock_key(partial));
  }
  for (auto& lock : inventory.locks) {
    if (lock.meta.type != FileType::regular) continue;
    const bool wanted = index.waiting.contains(lock.etag) || lock.kind == LockKind::existence;
    // Lock paths are relative to the hub; for a --local-dir the hub is that directory.
    std::optional<Error> error;
    if (lock.meta.size > 0)
      judge_soft_lock(context.processes, context.hub, lock.path, context.now_ns, lock, error);
    else
      judge_flock(context, lock, wanted, error);
    if (error) inventory.unreadable.push_back({lock.path, error->operation, error->cause});
    if (lock.kind == LockKind::existence) judge_existence_lock(inventory, index, lock);
    index.locks[lock.etag].push_back(&lock);
  }
  for (auto& partial : inventory.partials) {
    if (!partial.open) judge_partial(context, inventory.folder, index, partial);
  }
}

}  // namespace hfaudit
