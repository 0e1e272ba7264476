// Locks that block clients, and idle ones.
//
// A flock file that stays behind is harmless, but removing one is dangerous: a client that has it
// open and waits holds an inode that other processes will never lock. So a lock is removed only
// while we hold it, while the name still leads to it, and while all other processes have it closed;
// and it is renamed before it is removed, which spares another process's new lock of that name.
#include <cerrno>
#include <vector>

#include "os/processes.hpp"
#include "os/temporary_name.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"
#include "repair/apply.hpp"
#include "scan/liveness.hpp"

namespace hfaudit {
namespace {

// As filelock names a lock that it breaks, so that its origin is known.
std::string broken_name(const std::string& name) {
  std::string digits;
  for (int i = 0; i < 4; ++i)
    digits += os::random_suffix();
  return name + ".break." + std::to_string(os::process_id()) + "." + digits;
}

// Only the inspected file: another one that has its name by now gets the name back.
Result<void> remove_exactly(const OpenLocation& location, const FileKey& key) {
  const auto aside = broken_name(location.name);
  auto done = os::rename_to_free_name(location.folder, location.name, location.folder, aside);
  if (!done) return done;
  const auto meta = location.folder.stat(aside);
  if (meta && meta->key == key) return os::remove(location.folder, aside);
  (void)os::rename_to_free_name(location.folder, aside, location.folder, location.name);
  return failure("remove", location.name, "another process has just created it again", EBUSY);
}

bool is_lock_name(const std::string& name) {
  return name.ends_with(".lock");
}

}  // namespace

// The text of a soft lock, or the lease on an empty one, is checked again.
ActionResult Applier::remove_lock(const Action& action, const OpenLocation& location) {
  if (action.plan.finding == FindingId::idle_lock) return remove_idle_locks(action, location);
  if (action.plan.finding == FindingId::stalled_download) return break_lock(action, location);
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  if (meta->type != FileType::regular) return skipped("it is not a file");
  if (!action.blob.empty()) {
    const auto here = has_blob(action);
    if (!here) return failed(here.error());
    if (!*here)
      return skipped("kept as the only evidence that blob " + action.blob.substr(0, 12) +
                     " was requested; the blob is not here");
  }
  if (meta->size > 0) {
    Lock lock;
    lock.meta = *meta;
    const auto now_ns = unix_time_ns();
    const auto error = judge_lock(processes_, location.folder, location.name, now_ns, lock);
    if (error) return failed(*error);
    if (lock.state != LockState::stale) return skipped("a process may hold it");
    const auto removed = remove_exactly(location, meta->key);
    return removed ? done() : failed(removed.error());
  }
  // An existence lock is free by flock(2): its owner has it open, and may be about to open the
  // partial.
  if (!is_unused(location, *meta, processes_)) return skipped("a process may have it open");
  const auto held = os::LockFile::take(location.folder, location.name, os::LockFile::Make::never);
  if (!held) return failed(held.error());
  if (!*held) return skipped("a process holds it");
  const auto removed = remove_exactly(location, meta->key);
  return removed ? done() : failed(removed.error());
}

Result<bool> Applier::has_blob(const Action& action) const {
  if (!action.plan.repo) return false;
  const auto repo = resolver_.open_repo(action.plan.repo->folder());
  const auto blobs =
      repo ? repo->open_directory("blobs", os::Links::follow) : tl::unexpected(repo.error());
  const auto meta = blobs ? blobs->stat_target(action.blob) : tl::unexpected(blobs.error());
  if (!meta && !os::is_absent(meta.error())) return tl::unexpected<Error>(meta.error());
  return meta && meta->type == FileType::regular;
}

// A download that has grown meanwhile, or is another one by now, is alive.
ActionResult Applier::break_lock(const Action& action, const OpenLocation& location) {
  const auto partial = resolver_.find(action.partial);
  const auto now = partial ? partial->folder.stat(partial->name) : tl::unexpected(partial.error());
  if (!now) return failed(now.error());
  if (!action.partial_seen || identity_of(*now) != *action.partial_seen)
    return skipped("its download goes on");
  const auto meta = location.folder.stat(location.name);
  if (!meta) return failed(meta.error());
  const auto removed = remove_exactly(location, meta->key);
  return removed ? done() : failed(removed.error());
}

// All locks that are neither held nor open; the rest stays, which counts as success.
ActionResult Applier::remove_idle_locks(const Action&, const OpenLocation& location) {
  const auto folder = location.folder.open_directory(location.name);
  if (!folder) return failed(folder.error());
  std::vector<std::string> names;
  if (const auto listed =
          folder->list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
      !listed)
    return failed(listed.error());
  std::size_t left = 0;
  for (const auto& name : names) {
    auto again = location.folder.open_directory(location.name);
    const auto meta =
        again && is_lock_name(name) ? again->stat(name) : tl::unexpected<Error>(Error{});
    if (!meta || meta->type != FileType::regular || meta->size != 0) continue;
    auto file = os::WritableFile::open(*again, name);
    const bool held =
        file && file->try_lock() && os::probe_flock(*again, name) == os::Tristate::yes;
    const bool unused = held && os::others_have_open(*file) == false;
    if (!unused || !remove_exactly({std::move(*again), name}, meta->key)) ++left;
  }
  if (left != 0) return skipped(std::to_string(left) + " of them may be in use");
  return done();
}

}  // namespace hfaudit
