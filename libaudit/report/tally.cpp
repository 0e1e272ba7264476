#include "report/tally.hpp"

#include <algorithm>

namespace hfaudit::report {

Tally tally_of(const Report& report) {
  Tally tally;
  for (const RepoReport& repo : report.repos)
    ++tally.repos[static_cast<std::size_t>(repo.verdict)];
  for (const Finding& finding : report.findings)
    ++tally.findings[static_cast<std::size_t>(finding.severity)];
  return tally;
}

ChangeTally change_tally_of(const Report& report) {
  ChangeTally tally;
  const auto count = [&tally](Change change, Severity severity) {
    ++tally.findings[static_cast<std::size_t>(change)][static_cast<std::size_t>(severity)];
  };
  const Since& since = *report.since;
  for (std::size_t i = 0; i < std::min(since.findings.size(), report.findings.size()); ++i)
    count(since.findings[i].change, report.findings[i].severity);
  for (const Finding& finding : since.gone)
    count(Change::gone, finding.severity);
  return tally;
}

std::string_view overall_verdict(const Tally& tally, ExitCode code) {
  if (code == ExitCode::incomplete) return "unknown";
  if (tally[Severity::error] > 0) return "damaged";
  return code == ExitCode::refused || code == ExitCode::usage || was_interrupted(code) ? "unknown"
                                                                                       : "clean";
}

}  // namespace hfaudit::report
