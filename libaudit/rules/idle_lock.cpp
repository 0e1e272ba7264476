// # idle-lock
//
// Lock files that no process holds and that block no client. They are counted for each repo. Remove
// them only while clients are stopped: some clients lock a file that was removed in between, and
// then two of them download at once.
//
// Why it matters: the repo is undamaged, and the files take hardly any space.
//
// Not raised: for a lock that blocks clients (stale-lock), and for one that is held.
//
// Causes: every client that locks by flock(2) leaves its lock files: huggingface_hub, hf-hub from
// 0.4.3 on, swift-huggingface. Removing a repo with `hf cache rm` leaves them, too.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_idle_lock(RepoCheck& c, const std::vector<const Lock*>& locks) {
  const auto& first = locks.front()->path;
  auto& finding =
      c.raise(FindingId::idle_lock, {first.substr(0, first.rfind('/')), Root::hub},
              std::to_string(locks.size()) + " lock files that no process holds: harmless");
  finding.details.emplace_back(detail_key::count, std::uint64_t{locks.size()});
}

}  // namespace hfaudit
