#include "repair/action.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

// Access comes first; then obstacles to a client; names before content, for content is placed by
// them; and leftovers last, for a download may still use them.
unsigned rank_of(const Action& action) {
  switch (action.plan.group) {
    case RepairGroup::ownership:
      return 0;
    case RepairGroup::locks:
      return action.blob.empty() ? 1 : 6;  // the lock of an absent blob goes after its download
    case RepairGroup::refs:
      return 2;
    case RepairGroup::entries:
      return 3;
    case RepairGroup::content:
      return action.kind == ActionKind::pull ? 4 : 5;
    case RepairGroup::partials:
      return 6;
    case RepairGroup::orphans:
      return 7;
  }
  return 7;
}

}  // namespace

std::string_view to_string(ActionKind kind) {
  switch (kind) {
    case ActionKind::chown:
      return fix::chown;
    case ActionKind::chmod:
      return fix::chmod;
    case ActionKind::remove:
      return fix::remove;
    case ActionKind::prune:
      return "prune";
    case ActionKind::quarantine:
      return "quarantine";
    case ActionKind::relink:
      return fix::relink;
    case ActionKind::set_ref:
      return fix::set_ref;
    case ActionKind::pull:
      return fix::pull;
  }
  return {};
}

void put_in_order(std::vector<Action>& actions) {
  std::stable_sort(actions.begin(), actions.end(), [](const Action& a, const Action& b) {
    return std::make_tuple(rank_of(a), std::string_view(a.plan.path)) <
           std::make_tuple(rank_of(b), std::string_view(b.plan.path));
  });
  // Downloads are merged by now; those of two commits may begin with the same file.
  const auto same = [](const Action& a, const Action& b) {
    return a.kind == b.kind && a.kind != ActionKind::pull && a.plan.path == b.plan.path;
  };
  actions.erase(std::unique(actions.begin(), actions.end(), same), actions.end());
}

std::string key_of(const Action& action) {
  std::string key =
      std::string(to_string(action.kind)) + '\0' + action.plan.path + '\0' + action.commit;
  if (action.kind == ActionKind::pull && action.plan.repo) key += '\0' + action.plan.repo->name();
  for (const auto& file : action.files)
    key += '\0' + file;
  return key;
}

}  // namespace hfaudit
