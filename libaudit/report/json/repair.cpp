// Of a repair: the plan, and its results.
#include "report/json/parts.hpp"
#include "report/rest_command.hpp"

namespace hfaudit::report {

void put_action(Json& object, const PlannedAction& action) {
  object["action"] = action.action;
  object["group"] = to_string(action.group);
  object["finding"] = info_of(action.finding).name;
  object["repo_id"] = action.repo ? or_null(action.repo->id) : Json(nullptr);
  object["repo_type"] = action.repo ? Json(to_string(action.repo->type)) : Json(nullptr);
  object["revision"] = or_null(action.revision);
  put_path(object, action.path);
  object["reason"] = action.reason;
  object["bytes"] = action.bytes;
  object["needs_root"] = action.needs_root;
}

void put_result(Json& object, const PlannedAction& action, const ActionResult& result) {
  object["action"] = action.action;
  put_path(object, action.path);
  object["outcome"] = to_string(result.outcome);
  object["detail"] = or_null(result.detail);
  object["bytes"] = result.bytes;
}

Json repair_json(const RepairLog& log) {
  return {{"dry_run", log.dry_run},
          {"received", log.received},
          {"reclaimed", log.reclaimed},
          {"rest", or_null(rest_command(log))}};
}

}  // namespace hfaudit::report
