#include "catch_any.hpp"

#include <algorithm>

#include "hfaudit/since.hpp"
#include "report_values.hpp"

using namespace hfaudit;

namespace {

const std::string &commit_a = test::commit, commit_b(40, 'b');

RepoReport repo_of(const std::string& id, Verdict verdict, std::uint64_t present = 100) {
  RepoReport repo = test::repo_of(id, verdict, {present, 1000});
  repo.basis = repo.revisions[0].basis = Basis::tree;
  return repo;
}

Finding finding_of(FindingId id, const std::string& repo, const std::string& file) {
  return test::finding_of(id, repo, "hub/x/snapshots/" + commit_a + "/" + file, file + " is wrong");
}

Report report_of(std::vector<RepoReport> repos, std::vector<Finding> findings) {
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

EarlierReport earlier_of(Report report, std::optional<ExitCode> code = ExitCode::damage) {
  report.started_at = 1000;
  return {"last.json", PastReport{std::move(report), code}};
}

const Since& compared(Report& now, EarlierReport earlier, ExitCode code = ExitCode::damage) {
  const auto done = compare_with(now, std::move(earlier), code);
  REQUIRE(done);
  REQUIRE(now.since);
  REQUIRE(now.since->findings.size() == now.findings.size());
  return *now.since;
}

Change change_of(const Finding& now, const Finding& past) {
  Report report = report_of({repo_of("acme/six", Verdict::incomplete)}, {now});
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)}, {past});
  return compared(report, earlier_of(before)).findings[0].change;
}

bool has_note(const Since& since, std::string_view part) {
  return std::any_of(since.notes.begin(), since.notes.end(), [part](const std::string& note) {
    return note.find(part) != std::string::npos;
  });
}

}  // namespace

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

TEST_CASE("a repo or a revision that was removed takes its findings with it") {
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)},
                                  {finding_of(FindingId::missing_file, "acme/six", "a.bin")});
  Report now = report_of({}, {});
  const Since& since = compared(now, earlier_of(before), ExitCode::ok);
  CHECK(since.gone.size() == 1);
  REQUIRE(since.repos.size() == 1);
  CHECK(since.repos[0].change == Change::gone);

  Report moved = report_of({repo_of("acme/six", Verdict::complete)}, {});
  moved.repos[0].revisions[0].commit = commit_b;
  moved.repos[0].revisions[0].basis = Basis::links;
  CHECK(compared(moved, earlier_of(before), ExitCode::ok).gone.size() == 1);
}

TEST_CASE("what was not looked at is not gone") {
  const Report before = report_of({repo_of("acme/six", Verdict::incomplete)},
                                  {finding_of(FindingId::missing_file, "acme/six", "a.bin")});
  Report now = report_of({repo_of("acme/six", Verdict::complete)}, {});
  const auto unchecked = [&](ExitCode code = ExitCode::ok) {
    const Since& since = compared(now, earlier_of(before), code);
    CHECK(since.gone.size() + since.unchecked == 1);
    return since.unchecked == 1;
  };
  CHECK_FALSE(unchecked());
  SECTION("another repo was asked for") {
    now.asked.repos = {"acme/seven"};
    CHECK(unchecked());
    now.asked.repos = {"acme/six"};
    CHECK_FALSE(unchecked());
    now.asked.repos = {"acme/six@main"};
    CHECK_FALSE(unchecked());
    now.asked.repos = {"acme/six@v2"};
    CHECK(unchecked());
    now.asked.repos = {"acme/sixteen"};
    CHECK(unchecked());
  }
  SECTION("other files were asked for") {
    now.asked.include = {"*.json"};
    CHECK(unchecked());
  }
  SECTION("a lock file") {
    now.asked.locked = "/x.lock";
    CHECK(unchecked());
  }
  SECTION("the run was interrupted") {
    CHECK(unchecked(ExitCode::interrupted));
    CHECK(unchecked(ExitCode::terminated));
  }
  SECTION("the repo could not be read") {
    now.unreadable = {{"hub/models--acme--six/blobs", "open", "Permission denied"}};
    CHECK(unchecked());
    now.unreadable = {{"hub/models--acme--seven/blobs", "open", "Permission denied"}};
    CHECK_FALSE(unchecked());
    now.unreadable = {{"hub", "list", "Input/output error"}};
    CHECK(unchecked());
  }
  SECTION("a client is at work, or there is no verdict") {
    for (const Verdict verdict : {Verdict::in_progress, Verdict::unknown}) {
      now.repos[0].verdict = now.repos[0].revisions[0].verdict = verdict;
      CHECK(unchecked());
    }
  }
  SECTION("there is less to go by") {
    now.repos[0].revisions[0].basis = Basis::structure;
    CHECK(unchecked());
    now.repos[0].revisions[0].basis = Basis::hub;
    CHECK_FALSE(unchecked());
  }
}

TEST_CASE("damage of content is gone only if all content was read") {
  const Report before = report_of({repo_of("acme/six", Verdict::corrupt)},
                                  {finding_of(FindingId::digest_mismatch, "acme/six", "a.bin")});
  Report now = report_of({repo_of("acme/six", Verdict::complete)}, {});
  CHECK(compared(now, earlier_of(before), ExitCode::ok).unchecked == 1);
  now.verified.emplace();
  CHECK(compared(now, earlier_of(before), ExitCode::ok).gone.size() == 1);
  now.verified->left.files = 1;
  CHECK(compared(now, earlier_of(before), ExitCode::ok).unchecked == 1);
  now.verified->left.files = 0;
  now.verified->subset = SubsetTaken{1, 4, "1/4", "L"};
  CHECK(compared(now, earlier_of(before), ExitCode::ok).unchecked == 1);
}

TEST_CASE("what lies in no repo is not gone where the home was not scanned") {
  const Report before = report_of({}, {finding_of(FindingId::exposed_token, "", "token")});
  Report now = report_of({}, {});
  now.scanned = {{"hub", "/data/hf/hub", "--cache-dir", true}};
  CHECK(compared(now, earlier_of(before), ExitCode::ok).unchecked == 1);
  now = report_of({}, {});
  now.asked.repos = {"acme/six"};
  CHECK(compared(now, earlier_of(before), ExitCode::ok).unchecked == 1);
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

TEST_CASE("a report of another cache is refused") {
  Report other = report_of({}, {});
  other.hub_cache = "/mnt/hub";
  Report now = report_of({}, {});
  const EarlierReport earlier = earlier_of(other);
  const auto early = check_comparable(now, earlier);
  REQUIRE_FALSE(early);
  CHECK(early.error().cause.find("/mnt/hub on node1") != std::string::npos);
  CHECK(early.error().code == 0);
  CHECK_FALSE(compare_with(now, earlier, ExitCode::ok));
  CHECK_FALSE(now.since);

  Report local = report_of({}, {});
  local.hub_cache.clear();
  local.scanned = {{"local-dir", "/models/six", "--local-dir", true}};
  CHECK_FALSE(compare_with(local, earlier_of(report_of({}, {})), ExitCode::ok));
  Report same = local;
  CHECK(compare_with(same, earlier_of(local), ExitCode::ok));
}

TEST_CASE("the name of a host may change, as a container's does; it is said") {
  const Finding old = finding_of(FindingId::missing_file, "acme/six", "a.bin");
  Report before = report_of({repo_of("acme/six", Verdict::incomplete)}, {old});
  before.host = "pod-7f9c";
  Report now = report_of({repo_of("acme/six", Verdict::incomplete)}, {old});
  const Since& since = compared(now, earlier_of(before));
  CHECK(since.findings[0].change == Change::same);
  CHECK(has_note(since, "pod-7f9c"));
}

TEST_CASE("what limits the earlier report is said") {
  Report before = report_of({}, {});
  before.asked.repos = {"acme/six"};
  Report now = report_of({}, {finding_of(FindingId::missing_file, "acme/seven", "a.bin")});
  CHECK(has_note(compared(now, earlier_of(before)), "only of acme/six"));
  CHECK(now.since->findings[0].change == Change::added);
  CHECK(has_note(compared(now, earlier_of(before, std::nullopt)), "breaks off"));
  CHECK(has_note(compared(now, earlier_of(before, ExitCode::interrupted)), "interrupted"));
  before.unreadable = {{"hub", "open", "Permission denied"}};
  CHECK(has_note(compared(now, earlier_of(before)), "could not read everything"));
  now.verified.emplace();
  CHECK(has_note(compared(now, earlier_of(before)), "read no content"));
  now.started_at = 10;
  CHECK(has_note(compared(now, earlier_of(before)), "younger"));
}

TEST_CASE("damage that only a verify finds is not gone after a scan, whatever its id") {
  Finding page = finding_of(FindingId::not_the_content, "acme/six", "notes.txt");
  page.details = {{"basis", std::string("tree")}, {"hash", std::string("sha256")}};
  Finding pointer = finding_of(FindingId::lfs_pointer, "acme/six", "data.bin");
  pointer.details = page.details;
  // found by the scan, too
  const Finding truncated = finding_of(FindingId::truncated_file, "acme/six", "a.gguf"),
                header = finding_of(FindingId::not_the_content, "acme/six", "b.safetensors");
  const Report before =
      report_of({repo_of("acme/six", Verdict::corrupt)}, {page, pointer, truncated, header});
  Report now = report_of({repo_of("acme/six", Verdict::complete)}, {});
  const Since& since = compared(now, earlier_of(before), ExitCode::ok);
  CHECK(since.unchecked == 2);
  CHECK(since.gone.size() == 2);
  CHECK(since.repos.empty());  // not better: two of its errors are unchecked
  now.verified.emplace();
  CHECK(compared(now, earlier_of(before), ExitCode::ok).gone.size() == 4);
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

namespace {

// Two nodes with the same cache path.
Report merged_of(const std::vector<std::string>& hosts) {
  Report report;
  report.command = "merge";
  report.started_at = 2000;
  for (const std::string& host : hosts) {
    CacheReport cache;
    cache.hosts = {host};
    cache.hub_cache = "/data/hf/hub";
    report.caches.push_back(cache);
    Source source;
    source.file = host + ".json";
    source.host = host;
    source.cache = "/data/hf/hub";
    report.sources.push_back(source);
    RepoReport repo = repo_of("acme/six", Verdict::incomplete);
    Finding finding = finding_of(FindingId::missing_file, "acme/six", "a.bin");
    if (hosts.size() > 1) repo.cache_ref = finding.cache_ref = {host, "/data/hf/hub"};
    report.repos.push_back(repo);
    report.findings.push_back(finding);
  }
  return report;
}

}  // namespace

TEST_CASE("merged reports are compared node by node") {
  const Report before = merged_of({"node1", "node2"});
  Report now = before;
  const Since& same = compared(now, earlier_of(before));
  CHECK(same.findings[0].change == Change::same);
  CHECK(same.findings[1].change == Change::same);
  now.findings.erase(now.findings.begin());
  CHECK(compared(now, earlier_of(before)).gone.size() == 1);
  CHECK(now.since->gone[0].cache_ref.host == "node1");
}

TEST_CASE("a node that is not in a merge has no damage that is gone") {
  const Report before = merged_of({"node1", "node2", "node3"});
  Report now = merged_of({"node1", "node4"});
  const Since& since = compared(now, earlier_of(before));
  CHECK(since.gone.empty());
  CHECK(since.unchecked == 2);
  CHECK(since.findings[0].change == Change::same);
  CHECK(since.findings[1].change == Change::added);
  CHECK(has_note(since, "only in the earlier report: /data/hf/hub on node2"));
  CHECK(has_note(since, "not in the earlier report: /data/hf/hub on node4"));
  CHECK(since.repos.size() == 1);  // acme/six of node4 is new; of node2 nothing is known
}

TEST_CASE("a merge covers an earlier one only with the same lock files and patterns") {
  Report before = merged_of({"node1", "node2"});
  for (Source& source : before.sources)
    source.asked.locked = "/models.lock";
  Report now = before;
  now.findings.clear();
  now.sources[1].asked.locked.clear();
  const Since& since = compared(now, earlier_of(before));
  REQUIRE(since.gone.size() == 1);
  CHECK(since.gone[0].cache_ref.host == "node1");
  CHECK(since.unchecked == 1);
}

TEST_CASE("a scan is compared with a merge of its node") {
  Report now = report_of({repo_of("acme/six", Verdict::incomplete)},
                         {finding_of(FindingId::missing_file, "acme/six", "a.bin")});
  CHECK(compared(now, earlier_of(merged_of({"node1"}))).findings[0].change == Change::same);
  CHECK(compared(now, earlier_of(merged_of({"node1", "node2"}))).findings[0].change ==
        Change::same);
  CHECK(now.since->unchecked == 1);
}
