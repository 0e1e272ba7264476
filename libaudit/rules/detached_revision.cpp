// # detached-revision
//
// No file below `refs/` names the commit of this snapshot. If a ref names another commit, errors
// inside the snapshot are raised as warnings. In a repo without refs the newest snapshot decides
// the verdict; `hfaudit pull` of the repo writes the ref and downloads only the missing files.
//
// Why it matters: the snapshot takes space, and a client loads it only if it is given the commit.
//
// Not raised: for a snapshot without entries, which is an empty-snapshot; for the commit that was
// requested as REPO@COMMIT; for each but the newest of the snapshots that huggingface.js makes for
// the files of one branch.
//
// Causes: the branch has moved on the Hub and a client has downloaded the newer commit. Clients
// keep the older snapshot. A download that is pinned to a commit omits the ref.
#include <algorithm>

#include "base/sum.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

void check_detached_revision(RepoCheck& c) {
  const bool any_malformed = std::any_of(c.repo.refs.begin(), c.repo.refs.end(),
                                         [](const Ref& ref) { return !ref.failure.empty(); });
  for (const auto& state : c.states) {
    const bool empty = state.revision->entries.empty();
    // an unreadable ref may name it
    const bool without_refs = !c.has_refs && !any_malformed && !c.context.local_dir &&
                              c.absence_counts() && c.repo.unreadable.empty() &&
                              state.revision->commit != c.context.asked_revision;
    if ((!state.detached && !without_refs) || empty || !state.revision->exists) continue;
    const bool older_companion =
        std::any_of(state.companions.begin(), state.companions.end(), [&](const Revision* other) {
          return other->born_ns > state.revision->born_ns ||
                 (other->born_ns == state.revision->born_ns &&
                  other->commit < state.revision->commit);
        });
    if (older_companion) continue;
    std::uint64_t bytes = 0;
    for (const auto& entry : state.revision->entries)
      add_size(bytes, entry.exists ? entry.meta.size : 0);
    auto& finding = c.raise(FindingId::detached_revision, "snapshots/" + state.revision->commit,
                            without_refs ? "no ref names this snapshot: clients find it by its "
                                           "commit alone"
                                         : "no ref names this snapshot",
                            &state);
    if (without_refs) finding.details.emplace_back(detail_key::refs, std::uint64_t{0});
    finding.bytes = bytes;
  }
}

}  // namespace hfaudit
