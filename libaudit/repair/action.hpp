// A planned action with the data for its execution. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hfaudit/finding.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// The kind of action.
enum class ActionKind : std::uint8_t {
  chown,       // given to the cache's user and group
  chmod,       // its permissions let the cache's user in; a token's keep others out
  remove,      // a file or link that is proven worthless
  prune,       // a folder that holds only empty folders
  quarantine,  // moved aside
  relink,      // the entry leads to its blob
  set_ref,     // the ref then holds exactly its commit
  pull         // downloaded
};
[[nodiscard]] std::string_view to_string(ActionKind kind);  // PlannedAction::action

struct Action {
  ActionKind kind = ActionKind::pull;
  PlannedAction plan;
  // of the file at plan.path; if it differs by then, the action is skipped
  std::optional<FileIdentity> seen;
  // remove of a hung download's lock: only while this partial is the file that was planned on
  std::string partial;
  std::optional<FileIdentity> partial_seen;
  std::string blob;    // relink: leads there. remove of a partial: only if this blob is proven
  std::string commit;  // set_ref
  // pull: paths in the repo; empty: all of them. quarantine of a payload: of the file that led to
  // it
  std::vector<std::string> files;
  bool optional = false;           // pull: of files that may be the user's own, which the Hub lacks
  std::uint32_t uid = 0, gid = 0;  // chown
  std::uint32_t mode = 0;          // chmod: the bits to add; of a token: those that are left
};

// An action is tried once in a run: one that failed to help is not repeated. Equal for actions that
// do the same.
[[nodiscard]] std::string key_of(const Action& action);

// In the order in which they make each other possible; of equal ones the first stays.
void put_in_order(std::vector<Action>& actions);

}  // namespace hfaudit
