// Findings of two reports: the same, new, worse, better, gone.
#include "catch_any.hpp"

#include "since_values.hpp"

using namespace hfaudit;
using namespace hfaudit::test::since;

TEST_CASE("the same report has nothing new") {
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)},
                                  {finding_of(FindingId::missing_file, "acme/six", "a.bin"),
                                   finding_of(FindingId::missing_file, "acme/six", "b.bin"),
                                   finding_of(FindingId::exposed_token, "", "token")});
  Report now = before;
  const Since& since = compared(now, earlier_of(before));
  for (const FindingChange& one : since.findings)
    CHECK(one.change == Change::same);
  CHECK(since.gone.empty());
  CHECK(since.repos.empty());
  CHECK(since.unchecked == 0);
  CHECK(since.notes.empty());
  CHECK(since.started_at == 1000);
}

TEST_CASE("findings are the same by id, repo, commit and file") {
  const Finding past = finding_of(FindingId::missing_file, "acme/six", "a.bin");
  CHECK(change_of(past, past) == Change::same);
  CHECK(change_of(finding_of(FindingId::missing_file, "acme/six", "b.bin"), past) == Change::added);
  CHECK(change_of(finding_of(FindingId::missing_shard, "acme/six", "a.bin"), past) ==
        Change::added);
  CHECK(change_of(finding_of(FindingId::missing_file, "acme/seven", "a.bin"), past) ==
        Change::added);
  Finding other_commit = past;
  other_commit.revision = commit_b;
  CHECK(change_of(other_commit, past) == Change::added);
  Finding other_type = past;
  other_type.repo = RepoId{RepoType::dataset, "acme/six"};
  CHECK(change_of(other_type, past) == Change::added);
}

TEST_CASE(
    "findings are the same by etag where no file is known, whatever the name of the partial") {
  Finding past = finding_of(FindingId::incomplete_download, "acme/six", "");
  past.path = "hub/models--acme--six/blobs/e1.1111.incomplete";
  past.details = {{"blob", std::string("e1")}, {"present", std::uint64_t{10}}};
  Finding now = past;
  now.path = "hub/models--acme--six/blobs/e1.2222.incomplete";
  CHECK(change_of(now, past) == Change::same);
  now.details[0].second = std::string("e2");
  CHECK(change_of(now, past) == Change::added);
  // the file is known only now
  now.details[0].second = std::string("e1");
  now.details.emplace_back("file", std::string("model.bin"));
  CHECK(change_of(now, past) == Change::same);
}

TEST_CASE("several findings at one path are told apart by what they name") {
  Finding past = finding_of(FindingId::ref_moved, "acme/six", "");
  past.path = "hub/models--acme--six";
  past.details = {{"ref", std::string("main")}};
  Finding now = past;
  CHECK(change_of(now, past) == Change::same);
  now.details[0].second = std::string("v2");
  CHECK(change_of(now, past) == Change::added);
}

TEST_CASE("a finding is worse with a higher severity, fewer bytes or more missing ones") {
  Finding past = finding_of(FindingId::incomplete_download, "acme/six", "a.bin");
  past.details = {{"present", std::uint64_t{100}}};
  Finding now = past;
  now.details[0].second = std::uint64_t{90};
  CHECK(change_of(now, past) == Change::worse);
  now.details[0].second = std::uint64_t{110};
  CHECK(change_of(now, past) == Change::better);
  now.details[0].second = std::uint64_t{100};
  CHECK(change_of(now, past) == Change::same);
  past.severity = Severity::warning;
  CHECK(change_of(now, past) == Change::worse);
  CHECK(change_of(past, now) == Change::better);

  Finding low = finding_of(FindingId::low_disk_space, "", "hub"), lower = low;
  low.details = {{"free", std::uint64_t{9}}, {"missing", std::uint64_t{10}}};
  lower.details = {{"free", std::uint64_t{5}}, {"missing", std::uint64_t{12}}};
  CHECK(change_of(lower, low) == Change::worse);
  lower.details[1].second = std::uint64_t{10};
  CHECK(change_of(lower, low) == Change::same);  // free space varies every night
}

TEST_CASE("a file that is cut shorter is worse, and one that is too long if it grows") {
  Finding past = finding_of(FindingId::size_mismatch, "acme/six", "a.bin");
  past.details = {{"size", std::uint64_t{50}}, {"expected", std::uint64_t{100}}};
  Finding now = past;
  now.details[0].second = std::uint64_t{40};
  CHECK(change_of(now, past) == Change::worse);
  now.details[0].second = std::uint64_t{60};
  CHECK(change_of(now, past) == Change::better);
  past.details[0].second = std::uint64_t{150};
  now.details[0].second = std::uint64_t{160};
  CHECK(change_of(now, past) == Change::worse);
}

TEST_CASE("numbers of information are no news") {
  Finding past = finding_of(FindingId::idle_lock, "acme/six", "locks");
  past.details = {{"count", std::uint64_t{3}}};
  Finding now = past;
  now.details[0].second = std::uint64_t{5};
  CHECK(change_of(now, past) == Change::same);
}

TEST_CASE("what is mended is gone") {
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)},
                                  {finding_of(FindingId::missing_file, "acme/six", "a.bin"),
                                   finding_of(FindingId::exposed_token, "", "token")});
  Report now = report_of({repo_of("acme/six", Verdict::complete)}, {});
  const Since& since = compared(now, earlier_of(before), ExitCode::ok);
  CHECK(since.gone.size() == 2);
  CHECK(since.unchecked == 0);
  REQUIRE(since.repos.size() == 1);
  CHECK(since.repos[0].change == Change::better);
  CHECK(since.repos[0].was == Verdict::incomplete);
}

TEST_CASE("a repo that got worse makes its old findings worse, unless new ones explain it") {
  const Finding old = finding_of(FindingId::missing_file, "acme/six", "a.bin");
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete, 100)}, {old});
  Report fewer = report_of({repo_of("acme/six", Verdict::incomplete, 90)}, {old});
  CHECK(compared(fewer, earlier_of(before)).findings[0].change == Change::worse);
  CHECK(fewer.since->findings[0].was.find("100 B") != std::string::npos);

  Report corrupt = report_of({repo_of("acme/six", Verdict::corrupt, 100)}, {old});
  CHECK(compared(corrupt, earlier_of(before)).findings[0].change == Change::worse);

  Report explained = report_of({repo_of("acme/six", Verdict::incomplete, 90)},
                               {old, finding_of(FindingId::missing_file, "acme/six", "b.bin")});
  const Since& since = compared(explained, earlier_of(before));
  CHECK(since.findings[0].change == Change::same);
  CHECK(since.findings[1].change == Change::added);

  Report more = report_of({repo_of("acme/six", Verdict::incomplete, 110)}, {old});
  CHECK(compared(more, earlier_of(before)).findings[0].change == Change::same);
  CHECK(more.since->repos[0].change == Change::better);
}

TEST_CASE("the bytes of another commit are not compared") {
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete, 100)}, {});
  Report now = report_of({repo_of("acme/six", Verdict::incomplete, 90)}, {});
  now.repos[0].revisions[0].commit = commit_b;
  CHECK(compared(now, earlier_of(before)).repos.empty());
}

TEST_CASE("with only_new, old damage makes no exit code 1, and 2, 3 and 4 stay") {
  const Finding old = finding_of(FindingId::missing_file, "acme/six", "a.bin");
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)}, {old});
  Report now = before;
  (void)compared(now, earlier_of(before));
  CHECK(exit_code_for(now) == ExitCode::damage);
  now.since->only_new = true;
  CHECK(exit_code_for(now) == ExitCode::ok);
  now.since->findings[0].change = Change::worse;
  CHECK(exit_code_for(now) == ExitCode::damage);
  CHECK(exit_code_for(now, FailOn::never) == ExitCode::ok);
  now.since->findings[0].change = Change::better;
  CHECK(exit_code_for(now) == ExitCode::ok);
  now.not_found = {{"acme/nine", "not here"}};
  CHECK(exit_code_for(now) == ExitCode::usage);
  now.unreadable = {{"hub", "open", "Permission denied"}};
  CHECK(exit_code_for(now) == ExitCode::incomplete);
  now.unreadable[0].refused = true;
  CHECK(exit_code_for(now) == ExitCode::refused);
}

TEST_CASE("with only_new, --fail-on warning counts warnings that are new") {
  Finding warning = finding_of(FindingId::stale_lock, "acme/six", "lock");
  Report now = report_of({repo_of("acme/six", Verdict::complete)}, {warning});
  (void)compared(now, earlier_of(report_of({repo_of("acme/six", Verdict::complete)}, {})));
  now.since->only_new = true;
  CHECK(exit_code_for(now) == ExitCode::ok);
  CHECK(exit_code_for(now, FailOn::warning) == ExitCode::damage);
}

TEST_CASE("without an earlier report everything is new") {
  Report now = report_of({repo_of("acme/six", Verdict::incomplete)},
                         {finding_of(FindingId::missing_file, "acme/six", "a.bin")});
  const Since& since = compared(now, {"last.json", std::nullopt});
  CHECK(since.absent);
  CHECK(since.findings[0].change == Change::added);
  CHECK(since.repos.size() == 1);
  now.since->only_new = true;
  CHECK(exit_code_for(now) == ExitCode::damage);
}

TEST_CASE("findings of one key are matched one by one: equal ones first, then in their order") {
  constexpr std::size_t pairs = 30;
  const auto partial = [](std::size_t number, std::uint64_t present) {
    Finding finding = finding_of(FindingId::incomplete_download, "acme/six", "");
    finding.path = "hub/models--acme--six/blobs/e1." + std::to_string(number) + ".incomplete";
    finding.message = "model.bin stopped at " + std::to_string(present);
    finding.details = {{"blob", std::string("e1")}, {"present", present}};
    return finding;
  };
  std::vector<Finding> past, same, other_names;
  for (std::size_t i = 0; i < pairs; ++i) {
    past.push_back(partial(i, 1000 + i));
    same.insert(same.begin(), partial(i, 1000 + i));  // in the opposite order
    other_names.push_back(partial(i + pairs, 1000 + i));
  }
  const auto repos = std::vector{repo_of("acme/six", Verdict::incomplete)};
  const Report before = report_of(repos, past);
  for (const auto& findings : {same, other_names}) {
    Report now = report_of(repos, findings);
    const Since& since = compared(now, earlier_of(before));
    for (const FindingChange& one : since.findings)
      CHECK(one.change == Change::same);
    CHECK(since.gone.empty());
  }
  // the first was removed: the others are the same, none of them is worse
  Report fewer = report_of(repos, {past.begin() + 1, past.end()});
  const Since& since = compared(fewer, earlier_of(before));
  for (const FindingChange& one : since.findings)
    CHECK(one.change == Change::same);
  REQUIRE(since.gone.size() == 1);
  CHECK(since.gone[0].path == past[0].path);
}
