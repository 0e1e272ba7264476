#include "report/tally.hpp"

namespace hfaudit::report {

Tally tally_of(const Report& report) {
  Tally tally;
  for (const RepoReport& repo : report.repos)
    ++tally.repos[static_cast<std::size_t>(repo.verdict)];
  for (const Finding& finding : report.findings)
    ++tally.findings[static_cast<std::size_t>(finding.severity)];
  return tally;
}

std::string_view overall_verdict(const Tally& tally, ExitCode code) {
  if (code == ExitCode::incomplete) return "unknown";
  if (tally[Severity::error] > 0) return "damaged";
  return code == ExitCode::refused || code == ExitCode::usage || was_interrupted(code) ? "unknown"
                                                                                       : "clean";
}

}  // namespace hfaudit::report
