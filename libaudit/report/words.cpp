// The words of reports: verdicts, bases, changes, repair groups, outcomes.
#include <array>

#include "hfaudit/repair.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "complete";
    case Verdict::subset:
      return "subset";
    case Verdict::in_progress:
      return "in-progress";
    case Verdict::unknown:
      return "unknown";
    case Verdict::incomplete:
      return "incomplete";
    case Verdict::corrupt:
      return "corrupt";
  }
  return "unknown";
}

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::lock:
      return "lock";
    case Basis::hub:
      return "hub";
    case Basis::source:
      return "source";
    case Basis::tree:
      return "tree";
    case Basis::index:
      return "index";
    case Basis::shard_names:
      return "shard-names";
    case Basis::structure:
      return "structure";
    case Basis::links:
      return "links";
  }
  return "links";
}

std::string_view to_string(Change change) {
  switch (change) {
    case Change::same:
      return "same";
    case Change::added:
      return "new";
    case Change::worse:
      return "worse";
    case Change::better:
      return "better";
    case Change::gone:
      return "gone";
  }
  return {};
}

std::string_view to_string(RepairGroup group) {
  switch (group) {
    case RepairGroup::ownership:
      return "ownership";
    case RepairGroup::locks:
      return "locks";
    case RepairGroup::partials:
      return "partials";
    case RepairGroup::entries:
      return "entries";
    case RepairGroup::refs:
      return "refs";
    case RepairGroup::content:
      return "content";
    case RepairGroup::orphans:
      return "orphans";
  }
  return {};
}

std::optional<RepairGroup> parse_repair_group(std::string_view text) {
  using enum RepairGroup;
  for (const auto group : std::array{ownership, locks, partials, entries, refs, content, orphans}) {
    if (to_string(group) == text) return group;
  }
  return std::nullopt;
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::skipped:
      return "skipped";
    case Outcome::failed:
      return "failed";
  }
  return {};
}

}  // namespace hfaudit
