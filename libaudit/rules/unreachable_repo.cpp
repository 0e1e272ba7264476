// # unreachable-repo
//
// The folder of a repo, its `blobs`, `snapshots` or `refs`, the hub cache or `HF_HOME` is a link,
// or lies behind one, and the target of the link is absent. The exit code is 3: the content there
// is unknown.
//
// Why it matters: clients treat the repo as absent. A download in this state fails, or brings a
// second copy that is hidden as soon as the disk is mounted again.
//
// Not raised: for a link whose target exists and is unreadable, which makes the report incomplete
// with the reason.
//
// Causes: a disk or a network share that is unmounted. A cache that was moved to another disk and
// left a link behind. A container that has the cache but lacks the disk that its links lead to.
#include "rules/check_home.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

std::string unreachable_message(const std::string& target) {
  return "leads to " + printable(target) + ", which does not exist: is the disk mounted?";
}

void check_unreachable_repo(RepoCheck& c) {
  for (const auto& link : c.repo.dead_links) {
    auto& finding =
        c.raise(FindingId::unreachable_repo, link.path, unreachable_message(link.reason));
    finding.details.emplace_back(detail_key::target, link.reason);
  }
  if (c.repo.dead_links.empty()) return;
  for (auto& state : c.states)
    state.unread = true;
}

}  // namespace hfaudit
