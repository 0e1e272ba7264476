#include "audit/locked.hpp"

#include <algorithm>

#include "listings/locked.hpp"

namespace hfaudit {

void add_locked(const LockedRepos& locked, const std::string& commit, RepoInventory& repo,
                Evidence& evidence) {
  const auto* one = find_locked(locked, repo.repo, commit);
  if (one == nullptr) return;
  auto& revisions = repo.revisions;
  auto at = std::find_if(revisions.begin(), revisions.end(),
                         [&](const Revision& revision) { return revision.commit == commit; });
  if (at == revisions.end()) {
    Revision absent;
    absent.commit = commit;
    absent.exists = false;
    revisions.push_back(std::move(absent));
    evidence.revisions.emplace_back();
    at = std::prev(revisions.end());
  }
  auto& known = evidence.revisions[static_cast<std::size_t>(at - revisions.begin())];
  known.locked = tree_of(*one);
  known.locked_revision = one->revision;
}

}  // namespace hfaudit
