// Is a process downloading here right now? Judges the locks and partials of one repo.
//
// Age alone is ignored. The evidence is the process that has the partial open (/proc), the holder
// of the lock (/proc/locks, then a harmless flock probe), or the text of a soft lock on its holder.
// Only where flock is ineffective (Lustre, GPFS and some NFS mounts grant every request) a partial
// that grew within the last minute counts as alive.
#pragma once

#include "scan/walk.hpp"

namespace hfaudit {

// One lock without a partial of a repo (shared store, repos that are gone). `path` is where `hub`
// has it. The error of a lock that could not be read, if another than a refusal.
[[nodiscard]] std::optional<Error> judge_lock(os::Processes& processes, const os::Directory& hub,
                                              const std::string& path, std::int64_t now_ns,
                                              Lock& lock);

void judge_liveness(const WalkContext& context, RepoInventory& inventory);

}  // namespace hfaudit
