// # ref-moved
//
// With `--locked`: a ref of the name that the lock file gives names another commit than the locked
// one. The repair sets the ref to the locked commit and keeps the other snapshot.
//
// Why it matters: a server that is started with the branch's name loads the other, unapproved
// commit.
//
// Not raised: for a repo that was locked by its commit; without a ref of that name.
//
// Causes: a client has downloaded a newer commit of the branch, or an older one was restored.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {

void check_ref_moved(RepoCheck& c) {
  for (const auto& state : c.states) {
    if (!state.evidence->locked || c.context.local_dir) continue;
    const auto& name = state.evidence->locked_revision;
    const auto ref = std::find_if(c.repo.refs.begin(), c.repo.refs.end(),
                                  [&](const Ref& one) { return one.name == name; });
    const bool moved =
        ref != c.repo.refs.end() && ref->failure.empty() && ref->commit != state.revision->commit;
    if (!moved) continue;
    constexpr std::size_t shown = 12;
    auto& finding =
        c.raise(FindingId::ref_moved, "refs/" + ref->name,
                "the ref " + printable(ref->name) + " names commit " +
                    printable(ref->commit.substr(0, shown)) + ", and the lock file commit " +
                    state.revision->commit.substr(0, shown),
                &state);
    finding.seen = identity_of(ref->meta);
    finding.details.emplace_back(detail_key::ref, ref->name);
    finding.details.emplace_back(detail_key::commit, state.revision->commit);
  }
}

}  // namespace hfaudit
