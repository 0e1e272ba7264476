// The exit code that a report stands for. Those of errors and signals are in tools/messages.cpp and
// tools/signals.cpp.
#include <algorithm>

#include "hfaudit/report.hpp"

namespace hfaudit {
namespace {

// A named repo without a verdict, or an unmounted folder.
bool is_unknown(const Report& report) {
  const bool unreachable =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& finding) { return finding.id == FindingId::unreachable_repo; });
  const bool named =
      !report.asked.repos.empty() ||
      std::any_of(report.scanned.begin(), report.scanned.end(),
                  [](const ScannedLocation& place) { return place.what == "local-dir"; });
  const auto is_unknown_repo = [](const RepoReport& repo) {
    return repo.verdict == Verdict::unknown;
  };
  return unreachable ||
         (named && std::any_of(report.repos.begin(), report.repos.end(), is_unknown_repo));
}

// Whether a finding is new or worse, for --only-new.
bool counts(const Report& report, std::size_t finding) {
  if (!report.since || !report.since->only_new || finding >= report.since->findings.size())
    return true;
  const Change change = report.since->findings[finding].change;
  return change == Change::added || change == Change::worse;
}

}  // namespace

ExitCode exit_code_for(const Report& report, FailOn fail_on) {
  // Unreadable paths outweigh damage: such a verdict stays unknown for every --fail-on.
  const auto refused = [](const Unreadable& place) { return place.refused; };
  if (std::any_of(report.unreadable.begin(), report.unreadable.end(), refused))
    return ExitCode::refused;
  if (!report.unreadable.empty() || is_unknown(report)) return ExitCode::incomplete;
  if (!report.not_found.empty()) return ExitCode::usage;
  if (fail_on == FailOn::never) return ExitCode::ok;
  const Severity least = fail_on == FailOn::warning ? Severity::warning : Severity::error;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.findings[i].severity >= least && counts(report, i)) return ExitCode::damage;
  }
  return ExitCode::ok;
}

}  // namespace hfaudit
