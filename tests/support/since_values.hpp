// Reports to compare with an earlier one: short ways to make them, for the tests of --since.
#pragma once

#include <algorithm>

#include "catch_any.hpp"
#include "hfaudit/since.hpp"
#include "report_values.hpp"

namespace hfaudit::test::since {

inline const std::string& commit_a = test::commit;
inline const std::string commit_b(40, 'b');

inline RepoReport repo_of(const std::string& id, Verdict verdict, std::uint64_t present = 100) {
  RepoReport repo = test::repo_of(id, verdict, {present, 1000});
  repo.basis = repo.revisions[0].basis = Basis::tree;
  return repo;
}

inline Finding finding_of(FindingId id, const std::string& repo, const std::string& file) {
  return test::finding_of(id, repo, "hub/x/snapshots/" + commit_a + "/" + file, file + " is wrong");
}

inline Report report_of(std::vector<RepoReport> repos, std::vector<Finding> findings) {
  Report report;
  report.command = "scan";
  report.host = "node1";
  report.hf_home = "/data/hf";
  report.hub_cache = "/data/hf/hub";
  report.started_at = 2000;
  report.scanned = {{"home", "/data/hf", "HF_HOME", true},
                    {"hub", "/data/hf/hub", "HF_HOME", true}};
  report.repos = std::move(repos);
  report.findings = std::move(findings);
  return report;
}

inline EarlierReport earlier_of(Report report, std::optional<ExitCode> code = ExitCode::damage) {
  report.started_at = 1000;
  return {"last.json", PastReport{std::move(report), code}};
}

inline Since compared(Report& now, EarlierReport earlier, ExitCode code = ExitCode::damage) {
  const auto done = compare_with(now, std::move(earlier), code);
  REQUIRE(done);
  REQUIRE(now.since);
  REQUIRE(now.since->findings.size() == now.findings.size());
  return *now.since;
}

inline Change change_of(const Finding& now, const Finding& past) {
  Report report = report_of({repo_of("acme/six", Verdict::incomplete)}, {now});
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)}, {past});
  return compared(report, earlier_of(before)).findings[0].change;
}

inline bool has_note(const Since& since, std::string_view part) {
  return std::any_of(since.notes.begin(), since.notes.end(), [part](const std::string& note) {
    return note.find(part) != std::string::npos;
  });
}

}  // namespace hfaudit::test::since
