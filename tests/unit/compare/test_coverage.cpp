// What a report covers of an earlier one: only there is a missing finding gone.
#include "catch_any.hpp"

#include "since_values.hpp"

using namespace hfaudit;
using namespace hfaudit::test::since;

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
