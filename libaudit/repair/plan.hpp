// From a report to the actions that repair it. Pure: a dry run is a plan without its execution.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "hfaudit/repair.hpp"
#include "repair/action.hpp"

namespace hfaudit {

// The input of the planner besides the report.
struct PlanContext {
  std::set<RepairGroup> groups;  // that may act
  bool download = true;
  bool idle_locks = false, break_locks = false;
  // that the user named; a model without weights is completed only then
  std::vector<RepoRequest> named;
  std::uint32_t process_uid = 0;   // the executing user
  std::uint32_t uid = 0, gid = 0;  // the cache's user
};
[[nodiscard]] PlanContext plan_context_of(const RepairRequest& request);

// In the order in which actions make each other possible. Files of one commit are one download.
[[nodiscard]] std::vector<Action> plan_repair(const Report& report, const PlanContext& context);

}  // namespace hfaudit
