#include "catch_any.hpp"

#include "hfaudit/report.hpp"

using namespace hfaudit;

namespace {

Report with(std::initializer_list<Severity> severities, bool unreadable = false) {
  Report report;
  for (const Severity severity : severities) {
    Finding finding;
    finding.severity = severity;
    report.findings.push_back(finding);
  }
  if (unreadable) report.unreadable.push_back({"hub", "open", "Permission denied"});
  return report;
}

}  // namespace

TEST_CASE("exit codes: an error is 1, what nobody could look at is 3 and wins") {
  using enum Severity;
  CHECK(exit_code_for(with({})) == ExitCode::ok);
  CHECK(exit_code_for(with({info, warning})) == ExitCode::ok);
  CHECK(exit_code_for(with({info, error})) == ExitCode::damage);
  CHECK(exit_code_for(with({}, true)) == ExitCode::incomplete);
  CHECK(exit_code_for(with({error}, true)) == ExitCode::incomplete);
}

TEST_CASE("the option --fail-on moves the bar for findings, not for what nobody could look at") {
  using enum Severity;
  CHECK(exit_code_for(with({warning}), FailOn::warning) == ExitCode::damage);
  CHECK(exit_code_for(with({info}), FailOn::warning) == ExitCode::ok);
  CHECK(exit_code_for(with({error}), FailOn::never) == ExitCode::ok);
  CHECK(exit_code_for(with({error}, true), FailOn::never) == ExitCode::incomplete);
}

TEST_CASE("exit codes: of several that hold the first of 4, 3, 2, 1") {
  auto report = with({Severity::error});
  report.not_found.push_back({"acme/none", "not in the cache"});
  CHECK(exit_code_for(report) == ExitCode::usage);
  CHECK(exit_code_for(report, FailOn::never) == ExitCode::usage);
  report.unreadable.push_back({"hub", "open", "Permission denied"});
  CHECK(exit_code_for(report) == ExitCode::incomplete);
  report.unreadable.push_back({"hub", "list", "gated", {}, true});
  CHECK(exit_code_for(report) == ExitCode::refused);
}

TEST_CASE("exit codes: a verdict that is not known counts for what was named") {
  auto report = with({});
  report.repos.emplace_back();  // unknown
  report.noted.push_back({"hub/trees", "open", "Permission denied"});
  CHECK(exit_code_for(report) == ExitCode::ok);
  report.asked.repos = {"acme/six"};
  CHECK(exit_code_for(report) == ExitCode::incomplete);
  report.repos.front().verdict = Verdict::complete;
  CHECK(exit_code_for(report) == ExitCode::ok);
  Finding unreachable;
  unreachable.id = FindingId::unreachable_repo;
  unreachable.severity = Severity::error;
  report.findings.push_back(unreachable);
  CHECK(exit_code_for(report, FailOn::never) == ExitCode::incomplete);
}

TEST_CASE("verdicts and bases by the contract's names") {
  CHECK(to_string(Verdict::complete) == "complete");
  CHECK(to_string(Verdict::subset) == "subset");
  CHECK(to_string(Verdict::in_progress) == "in-progress");
  CHECK(to_string(Verdict::unknown) == "unknown");
  CHECK(to_string(Verdict::incomplete) == "incomplete");
  CHECK(to_string(Verdict::corrupt) == "corrupt");
  CHECK(to_string(Basis::hub) == "hub");
  CHECK(to_string(Basis::shard_names) == "shard-names");
  CHECK(to_string(Basis::links) == "links");
}
