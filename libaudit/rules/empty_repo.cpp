// # empty-repo
//
// The folder of a repo lacks refs, snapshots, content and partial files. Its verdict is unknown:
// the wanted files are unknown.
//
// Why it matters: programs that look for the folder alone take the repo for a downloaded one.
//
// Not raised: for an unreadable folder, for a link that leads nowhere (unreachable-repo), and where
// an error in the repo explains it.
//
// Causes: a client that was killed as it began, or whose first request failed: the folders are
// made first. A repo whose revisions were deleted one by one.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {

void check_empty_repo(RepoCheck& c) {
  const auto& repo = c.repo;
  const bool entered = !repo.directories.empty() && repo.unreadable.empty();
  const bool empty = c.states.empty() && repo.blobs.empty() && repo.partials.empty() &&
                     repo.refs.empty() && repo.dead_links.empty();
  const bool explained = std::any_of(c.findings.begin(), c.findings.end(), [](const Finding& f) {
    return f.severity == Severity::error;
  });
  if (!entered || !empty || explained || c.context.local_dir) return;
  c.raise(FindingId::empty_repo, std::string(), "the repo has no ref, no snapshot and no content");
}

}  // namespace hfaudit
