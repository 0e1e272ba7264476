#include "catch_any.hpp"

#include <algorithm>

#include "hfaudit/merge.hpp"
#include "hfaudit/render.hpp"

using namespace hfaudit;

namespace {

const std::string test_commit(40, 'a');

RepoReport repo(const std::string& id, Verdict verdict) {
  RepoReport made{{RepoType::model, id}, "hub/" + id, verdict, Basis::tree, {10, 10}, {}};
  made.revisions = {
      {test_commit, {"main"}, false, verdict, Basis::tree, {2, 2}, {10, 10}, {}, false, {}}};
  return made;
}

Finding finding(FindingId id, const std::string& path) {
  Finding made;
  made.id = id;
  made.severity = info_of(id).severity;
  made.repo = RepoId{RepoType::model, "acme/six"};
  made.path = path;
  made.message = "so it is";
  return made;
}

PastReport scan(const std::string& host, const std::string& place = "/h/hub") {
  PastReport past{{}, ExitCode::ok};
  Report& report = past.report;
  report.command = "scan";
  report.host = host;
  report.hf_home = "/h";
  report.hub_cache = place;
  report.started_at = 1000;
  report.duration_ms = 500;
  report.scanned = {{"hub", place, "HF_HOME", true}};
  report.repos = {repo("acme/six", Verdict::complete)};
  report.bytes_present = 10;
  report.bytes_reclaimable = 1;
  return past;
}

PastReport part(unsigned number, unsigned of, const std::string& host = "n1",
                const std::string& listing = "L") {
  PastReport past = scan(host);
  past.report.command = "verify";
  past.report.verified = {{3, 30}, {1, 5}, {0, 0}, {4 * std::uint64_t{of}, 35 * std::uint64_t{of}},
                          {},      {},     2,      {}};
  past.report.verified->subset =
      SubsetTaken{number, of, std::to_string(number) + "/" + std::to_string(of), listing};
  return past;
}

PastReport sample(const std::string& asked, std::uint64_t bytes) {
  PastReport past = part(1, 1);
  past.report.verified->subset = SubsetTaken{0, 0, asked, ""};
  past.report.verified->proven.bytes = bytes;
  return past;
}

PastReport interrupted(PastReport past, std::optional<ExitCode> code = ExitCode::interrupted) {
  past.exit_code = code;
  if (past.report.verified) past.report.verified->left = {1, 10};
  return past;
}

PastReport found(PastReport past, Verdict verdict, const Finding& what) {
  past.report.repos[0].verdict = verdict;
  past.report.repos[0].revisions[0].verdict = verdict;
  past.report.findings.push_back(what);
  past.exit_code = ExitCode::damage;
  return past;
}

Report merged(const std::vector<PastReport>& reports) {
  std::vector<ReportFile> files;
  for (const PastReport& past : reports)
    files.push_back({"r" + std::to_string(files.size()) + ".json", past});
  return merge(std::move(files));
}

PastReport again(const Report& report) {
  std::string text;
  render_json(report, exit_code_for(report), [&text](std::string_view piece) { text += piece; });
  auto past = read_report("m.json", text);
  INFO(text);
  REQUIRE(past);
  std::string same;
  render_json(past->report, *past->exit_code, [&same](std::string_view piece) { same += piece; });
  CHECK(same == text);
  return *past;
}

// What keeps the verdict from being known.
std::string gaps(const Report& report) {
  std::string all;
  for (const Unreadable& place : report.unreadable)
    all += (all.empty() ? "" : " | ") + place.path + ": " + place.cause;
  return all;
}

}  // namespace

TEST_CASE("all the parts of a cache are one report of it") {
  const Report report = merged({part(1, 4), part(2, 4, "n2"), part(3, 4, "n3"), part(4, 4)});
  CHECK(exit_code_for(report) == ExitCode::ok);
  CHECK(gaps(report).empty());
  REQUIRE(report.caches.size() == 1);
  CHECK(report.caches[0].hosts == std::vector<std::string>{"n1", "n2", "n3"});
  REQUIRE(report.repos.size() == 1);
  CHECK(report.repos[0].revisions.size() == 1);
  CHECK(report.repos[0].cache_ref == CacheRef{});
  CHECK(report.bytes_present == 10);
  CHECK(report.bytes_reclaimable == 1);
  REQUIRE(report.verified);
  CHECK(report.verified->proven.files == 12);
  CHECK(report.verified->unverifiable.bytes == 20);
  CHECK(report.verified->total.bytes == 140);
  CHECK(report.verified->seconds == 8);
  CHECK_FALSE(report.verified->subset);
  CHECK(report.command == "merge");
  CHECK(report.hub_cache == "/h/hub");
  CHECK(report.host.empty());
}

TEST_CASE("what was not read makes the verdict unknown, and is named") {
  PastReport unread = part(2, 2);
  unread.report.verified->left = {3, 9};
  PastReport unreadable = part(2, 2);
  unreadable.report.unreadable = {{"hub/x", "open", "Permission denied"}};
  unreadable.exit_code = ExitCode::incomplete;
  PastReport mute = part(2, 2);
  mute.exit_code = ExitCode::incomplete;
  PastReport refused = scan("n1");
  refused.exit_code = ExitCode::refused;
  struct Case {
    const char* what;
    std::vector<PastReport> reports;
    std::string gaps;
  };
  const std::vector<Case> cases{
      {"one part of many", {part(3, 8)}, "/h/hub: parts 1-2,4-8 of 8 are missing"},
      {"a part missing", {part(1, 3), part(3, 3)}, "/h/hub: part 2 of 3 is missing"},
      {"a part twice in place of another",
       {part(1, 2), part(1, 2)},
       "/h/hub: part 2 of 2 is missing"},
      {"of a million", {part(1, 1'000'000)}, "/h/hub: parts 2-1000000 of 1000000 are missing"},
      {"a part interrupted",
       {part(1, 2), interrupted(part(2, 2))},
       "/h/hub: part 2 of 2 was not read to its end (r1.json)"},
      {"a part interrupted at its very end",
       {part(1, 2), {part(2, 2).report, ExitCode::terminated}},
       "/h/hub: part 2 of 2 was not read to its end (r1.json)"},
      {"a part that breaks off",
       {part(1, 2), interrupted(part(2, 2), std::nullopt)},
       "/h/hub: part 2 of 2 was not read to its end (r1.json)"},
      {"files left unread",
       {part(1, 2), unread},
       "/h/hub: part 2 of 2 was not read to its end (r1.json)"},
      {"a blind spot", {part(1, 2), unreadable}, "hub/x: Permission denied"},
      {"unknown, and nobody knows why",
       {part(1, 2), mute},
       "r1.json: it could not check everything (exit code 3)"},
      {"a scan interrupted",
       {interrupted(scan("n1"))},
       "r0.json: it was interrupted (exit code 130)"},
      {"a scan that breaks off",
       {interrupted(scan("n1"), std::nullopt)},
       "r0.json: its report breaks off before its end"},
      {"another exit code", {refused}, "r0.json: it could not check everything (exit code 4)"},
      {"a full reading that left something",
       {interrupted(sample("10%", 3), ExitCode::ok)},
       "r0.json: 1 file not read to the end"},
      {"another number of parts",
       {part(1, 2), part(2, 3)},
       "/h/hub: part 2 of 2 is missing | /h/hub: parts 1,3 of 3 are missing"},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    const Report report = merged(one.reports);
    CHECK(exit_code_for(report) == ExitCode::incomplete);
    CHECK(exit_code_for(report, FailOn::never) == ExitCode::incomplete);
    CHECK(gaps(report) == one.gaps);
    CHECK(gaps(merged({again(report)})) == one.gaps);
  }
}

TEST_CASE("parts of a cache that changed meanwhile do not make a whole") {
  for (const char* host : {"n1", "n2"}) {
    const Report report = merged({part(1, 2), part(2, 2, host, "M")});
    CHECK(exit_code_for(report) == ExitCode::incomplete);
    CHECK(gaps(report).find("the cache changed") != std::string::npos);
  }
}

TEST_CASE("parts that together are not all of the files are not the whole") {
  PastReport small = part(2, 2);
  small.report.verified->proven.files = 1;
  const Report report = merged({part(1, 2), small});
  CHECK(exit_code_for(report) == ExitCode::incomplete);
  CHECK(gaps(report) == "/h/hub: all parts together read 6 of 8 files");
}

TEST_CASE("what is there twice counts once") {
  const std::vector<std::vector<PastReport>> all{
      {part(1, 2), part(2, 2), part(2, 2)},
      {part(1, 2), interrupted(part(2, 2)), part(2, 2)},  // read again
      {part(1, 2), part(2, 2), part(1, 3)},  // the same state in other parts: nothing is lacking
      {part(1, 2), part(2, 2), sample("10%", 3)}};
  for (const auto& reports : all) {
    const Report report = merged(reports);
    CHECK(gaps(report).empty());
    CHECK(exit_code_for(report) == ExitCode::ok);
    CHECK(report.verified->proven.files == 6);
    CHECK(report.verified->total.files == 8);
    CHECK(report.bytes_present == 10);
  }
}

TEST_CASE("the worst verdict wins, and its finding is there once") {
  const Finding bad = finding(FindingId::digest_mismatch, "hub/blobs/x");
  Finding old = finding(FindingId::low_disk_space, "hub");
  Finding later = old;
  later.message = "even less of it";
  PastReport first = found(part(1, 2), Verdict::corrupt, bad);
  first.report.findings.push_back(old);
  PastReport second = part(2, 2, "n2");
  second.report.started_at = 2000;
  second.report.findings = {later};
  for (const Report& report :
       {merged({first, second}), merged({second, first}), merged({first, first, second})}) {
    CHECK(exit_code_for(report) == ExitCode::damage);
    CHECK(report.repos[0].verdict == Verdict::corrupt);
    CHECK(report.repos[0].revisions[0].verdict == Verdict::corrupt);
    REQUIRE(report.findings.size() == 2);
    CHECK(report.findings[0].id == FindingId::digest_mismatch);
    CHECK(report.findings[1].message == "even less of it");
    CHECK(report.started_at == 1000);
    CHECK(report.duration_ms == 1'000'500);  // from the first beginning to the last end
  }
}

TEST_CASE("machines stay apart, and all is somebody's") {
  const Finding bad = finding(FindingId::missing_file, "hub/x");
  const Report report = merged({found(scan("n1"), Verdict::incomplete, bad), scan("n2"),
                                found(scan("n1", "/other/hub"), Verdict::incomplete, bad)});
  CHECK(exit_code_for(report) == ExitCode::damage);
  REQUIRE(report.caches.size() == 3);
  CHECK(report.repos.size() == 3);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].cache_ref == CacheRef{"n1", "/h/hub"});
  CHECK(report.findings[1].cache_ref == CacheRef{"n1", "/other/hub"});
  CHECK(report.bytes_present == 30);
  CHECK(report.hub_cache.empty());
  const Report more = merged({again(report), scan("n3")});
  CHECK(more.caches.size() == 4);
  CHECK(more.findings.size() == 2);
  CHECK(more.bytes_present == 40);
}

TEST_CASE("scans of different repos of one cache add up, of the same they do not") {
  PastReport other = scan("n1");
  other.report.repos = {repo("acme/seven", Verdict::subset)};
  CHECK(merged({scan("n1"), other}).bytes_present == 20);
  CHECK(merged({scan("n1"), other}).repos.size() == 2);
  CHECK(merged({scan("n1"), scan("n1")}).bytes_present == 10);
  CHECK(merged({scan("n1"), scan("n1")}).caches.size() == 1);
}

TEST_CASE("reports that do not agree on the home have absolute paths") {
  PastReport elsewhere = scan("n1");
  elsewhere.report.hf_home = "/elsewhere";
  elsewhere.report.repos[0].path = "/h/hub/acme/six";
  const Report report = merged({scan("n1"), elsewhere});
  REQUIRE(report.repos.size() == 1);
  CHECK(report.repos[0].path == "/h/hub/acme/six");
  CHECK(report.hf_home.empty());
}

TEST_CASE("samples are not added up: nobody knows what they have in common") {
  const Report report = merged({sample("10%", 20), sample("5%", 10)});
  CHECK(exit_code_for(report) == ExitCode::ok);
  CHECK(report.verified->proven.bytes == 20);
  REQUIRE(report.verified->subset);
  CHECK(report.verified->subset->asked == "10%");
}

TEST_CASE("a file that cannot be read makes the verdict unknown, and stays so") {
  const Result<PastReport> none = failure("read", "p2.json", "it is empty");
  const Report report = merge({{"p1.json", part(1, 1)}, {"p2.json", none}});
  CHECK(exit_code_for(report) == ExitCode::incomplete);
  CHECK(gaps(report) == "p2.json: it is empty");
  CHECK(report.sources.size() == 2);
  CHECK(exit_code_for(merged({again(report), part(1, 1)})) == ExitCode::incomplete);
  const Report nothing = merge({{"p2.json", none}});
  CHECK(exit_code_for(nothing) == ExitCode::incomplete);
  CHECK(exit_code_for(merged({again(nothing)})) == ExitCode::incomplete);
}

TEST_CASE("merged reports are merged as what went into them") {
  const Finding bad = finding(FindingId::digest_mismatch, "hub/blobs/x");
  const std::vector<PastReport> leaves{part(1, 4),
                                       found(part(2, 4, "n2"), Verdict::corrupt, bad),
                                       interrupted(part(3, 4)),
                                       part(4, 4),
                                       scan("n9"),
                                       part(3, 4, "n3")};
  const Report at_once = merged(leaves);
  CHECK(exit_code_for(at_once) == ExitCode::damage);
  for (std::size_t cut = 1; cut < leaves.size(); ++cut) {
    const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(cut);
    const PastReport first = again(merged({leaves.begin(), middle}));
    const PastReport second = again(merged({middle, leaves.end()}));
    const Report report = merged({second, first, first});
    INFO(cut);
    CHECK(exit_code_for(report) == exit_code_for(at_once));
    CHECK(gaps(report) == gaps(at_once));
    CHECK(report.caches.size() == at_once.caches.size());
    CHECK(report.repos.size() == at_once.repos.size());
    CHECK(report.findings.size() == at_once.findings.size());
    CHECK(report.verified->proven.files == at_once.verified->proven.files);
    CHECK(report.verified->total.files == at_once.verified->total.files);
    CHECK(report.bytes_present == at_once.bytes_present);
    CHECK(report.started_at == at_once.started_at);
    CHECK(report.duration_ms == at_once.duration_ms);
  }
}

TEST_CASE("a merged report that breaks off is not trusted") {
  PastReport past = again(merged({part(1, 1), scan("n9")}));
  CHECK(exit_code_for(merged({past})) == ExitCode::ok);
  past.exit_code.reset();
  CHECK(gaps(merged({past})) == "r0.json: it breaks off before its end");
}

TEST_CASE("sums of huge numbers do not wrap") {
  PastReport huge = scan("n1");
  huge.report.bytes_present = huge.report.duration_ms = ~std::uint64_t{0};
  PastReport other = huge;
  other.report.host = "n2";
  const Report report = merged({huge, other});
  CHECK(report.bytes_present == ~std::uint64_t{0});
  CHECK(exit_code_for(merged({again(report)})) == ExitCode::ok);
}

TEST_CASE("a merged report out of which something was cut is refused") {
  std::string text;
  render_json(merged({part(1, 1), scan("n9")}), ExitCode::ok,
              [&text](std::string_view piece) { text += piece; });
  struct Case {
    std::string from, to, outcome;
  };
  const std::vector<Case> cases{
      {R"("host":"n9","cache":"/h/hub","command")", R"("host":"n1","cache":"/h/hub","command")",
       "sources: missing for some of the caches"},
      {R"("hosts":["n9"])", R"("hosts":["n1"])", "caches: one is there twice"},
      {R"("hosts":["n9"])", R"("hosts":["n8"])", "repos: of a cache that is not listed"},
      {R"("hosts":["n9"])", R"("hosts":[])", "caches[1].hosts: empty"},
      {"\"verdict\":\"clean\",\n\"exit_code\":0", "\"verdict\":\"unknown\",\n\"exit_code\":3",
       "exit_code: does not fit the list of blind"}};
  for (const Case& one : cases) {
    INFO(one.from);
    std::string cut = text;
    const std::size_t at = cut.find(one.from);
    REQUIRE(at != std::string::npos);
    cut.replace(at, one.from.size(), one.to);
    const auto past = read_report("m.json", cut);
    REQUIRE_FALSE(past);
    CHECK(past.error().cause == one.outcome);
  }
}
