#include "catch_any.hpp"

#include "hfaudit/report.hpp"

using namespace hfaudit;

namespace {

Report with(std::initializer_list<Severity> severities, bool blind = false) {
  Report report;
  for (const Severity severity : severities) {
    Finding finding;
    finding.severity = severity;
    report.findings.push_back(finding);
  }
  if (blind) report.blind.push_back({"hub", "open", "Permission denied"});
  return report;
}

}  // namespace

TEST_CASE("exit codes: an error is 1, what nobody could look at is 3 and wins") {
  using enum Severity;
  CHECK(exit_code(with({})) == 0);
  CHECK(exit_code(with({info, warning})) == 0);
  CHECK(exit_code(with({info, error})) == 1);
  CHECK(exit_code(with({}, true)) == 3);
  CHECK(exit_code(with({error}, true)) == 3);
}

TEST_CASE("the option --fail-on moves the bar for findings, not for what nobody could look at") {
  using enum Severity;
  CHECK(exit_code(with({warning}), FailOn::warning) == 1);
  CHECK(exit_code(with({info}), FailOn::warning) == 0);
  CHECK(exit_code(with({error}), FailOn::never) == 0);
  CHECK(exit_code(with({error}, true), FailOn::never) == 3);
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
