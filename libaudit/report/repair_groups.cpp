// The names of what a repair does, as the command line and reports have them.
#include <array>

#include "hfaudit/repair.hpp"

namespace hfaudit {
namespace {

using enum RepairGroup;
constexpr std::array all_groups = {ownership, locks, partials, entries, refs, content, orphans};

}  // namespace

std::string_view to_string(RepairGroup group) {
  switch (group) {
    case ownership:
      return "ownership";
    case locks:
      return "locks";
    case partials:
      return "partials";
    case entries:
      return "entries";
    case refs:
      return "refs";
    case content:
      return "content";
    case orphans:
      return "orphans";
  }
  return {};
}

std::optional<RepairGroup> parse_repair_group(std::string_view text) {
  for (const auto group : all_groups) {
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
