// # detached-revision
//
// No file below `refs/` names the commit of this snapshot, and a ref names another commit. Errors
// inside the snapshot are raised as warnings.
//
// Why it matters: the snapshot takes space, and a client loads it only if it is given the commit.
//
// Not raised: in a repo without refs, as a download by commit alone leaves it; for a snapshot
// without entries, which is an empty-snapshot; for the commit that was requested as REPO@COMMIT.
//
// Causes: the branch has moved on the Hub and a client has downloaded the newer commit. Clients
// keep the older snapshot. A download that is pinned to a commit writes no ref.
#include "rules/rules.hpp"

namespace hfaudit {

void check_detached_revision(RepoCheck& c) {
  for (const auto& state : c.states) {
    const bool empty = state.revision->entries.empty();
    if (!state.detached || empty || !state.revision->exists) continue;
    std::uint64_t bytes = 0;
    for (const auto& entry : state.revision->entries)
      bytes += entry.exists ? entry.meta.size : 0;
    auto& finding = c.raise(FindingId::detached_revision, "snapshots/" + state.revision->commit,
                            "no ref names this snapshot", &state);
    finding.bytes = bytes;
  }
}

}  // namespace hfaudit
