#include "hfaudit/report.hpp"

#include <algorithm>

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
    case Basis::hub:
      return "hub";
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

int exit_code(const Report& report, FailOn bar) {
  // A place that nobody could look at outweighs damage: no bar on findings makes such a run trustworthy.
  const auto refused = [](const Blind& place) { return place.refused; };
  if (std::any_of(report.blind.begin(), report.blind.end(), refused)) return 4;
  if (!report.blind.empty()) return 3;
  if (bar == FailOn::never) return 0;
  const Severity least = bar == FailOn::warning ? Severity::warning : Severity::error;
  const auto counts = [least](const Finding& finding) { return finding.severity >= least; };
  return std::any_of(report.findings.begin(), report.findings.end(), counts) ? 1 : 0;
}

}  // namespace hfaudit
