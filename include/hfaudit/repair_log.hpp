// The record of a repair in a report: the plan, and the result of each of its actions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/finding.hpp"
#include "hfaudit/identity.hpp"

namespace hfaudit {

// The kind of repair of an action; the names of `--only` and `--skip`.
enum class RepairGroup : std::uint8_t {
  ownership,
  locks,
  partials,
  entries,
  refs,
  content,
  orphans
};
[[nodiscard]] std::string_view to_string(RepairGroup group);  // "ownership", …

// Of a repair: a step of the plan.
struct PlannedAction {
  std::string action;  // "chown", "chmod", "remove", "quarantine", "relink", "set-ref", "pull"
  RepairGroup group = RepairGroup::content;
  FindingId finding = FindingId::unrecognized_entry;  // that asks for it
  std::optional<RepoId> repo;
  std::string revision;     // a commit, or empty
  std::string path;         // as Finding::path
  std::string reason;       // one sentence
  std::uint64_t bytes = 0;  // to download, or that it frees
  bool needs_root = false;  // more rights than this process has
};

enum class Outcome : std::uint8_t { done, skipped, failed };
[[nodiscard]] std::string_view to_string(Outcome outcome);  // "done", …

// The result of a planned action.
struct ActionResult {
  Outcome outcome = Outcome::skipped;
  std::string detail;       // why it was skipped or failed, in a sentence; else empty
  std::uint64_t bytes = 0;  // downloaded or freed
};

struct RepairLog {
  bool dry_run = false;
  std::vector<PlannedAction> plan;
  // parallel to `plan`; shorter where it was interrupted, empty in a dry run
  std::vector<ActionResult> results;
  // the arguments of the hfaudit that root has to run for the rest; else empty
  std::vector<std::string> rest;
  std::uint64_t received = 0;   // over the network
  std::uint64_t reclaimed = 0;  // bytes freed
};

}  // namespace hfaudit
