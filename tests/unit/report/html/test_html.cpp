#include "catch_any.hpp"

#include "hfaudit/render.hpp"
#include "report/html/parts.hpp"
#include "report_values.hpp"

using namespace hfaudit;
using test::commit, test::has, test::repo_of;

namespace {

Finding finding_of(FindingId id, const std::string& repo, const std::string& message) {
  return test::finding_of(id, repo, "hub/x", message);
}

std::string page_of(const Report& report, ExitCode code = ExitCode::damage) {
  std::string text;
  render_html(report, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("text of a page is printable and no markup") {
  CHECK(report::html_text("</script><b a='x' b=\"y\">&amp;") ==
        "&lt;/script&gt;&lt;b a=&#39;x&#39; b=&quot;y&quot;&gt;&amp;amp;");
  CHECK(report::html_text("a\nb\x01\xff") == "a\\nb\\x01\\xff");
  CHECK(report::html_text("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // turns what follows around
  CHECK(report::html_text("模型") == "模型");
}

TEST_CASE("the verdict comes first, and each damaged repo with what to run") {
  Report report;
  report.command = "scan";
  report.hub_cache = "/data/hf/hub";
  report.repos = {repo_of("acme/ok", Verdict::complete),
                  repo_of("acme/six", Verdict::incomplete, {100, 1000})};
  report.findings = {finding_of(FindingId::missing_file, "acme/six", "a.bin is not here"),
                     finding_of(FindingId::missing_file, "acme/six", "b.bin is not here")};
  const std::string page = page_of(report);
  const auto at = [&page](std::string_view part) { return page.find(part); };
  REQUIRE(has(page, "<h1><span class=\"damaged\">damaged</span> /data/hf/hub</h1>"));
  CHECK(at("<h1>") < at("<h2"));
  CHECK(at("id=\"damaged\"") < at("id=\"repos\""));
  CHECK(has(page, "<h3><span class=\"vi\">▲ incomplete</span> acme/six</h3>"));
  CHECK(has(page, "a.bin is not here, and 1 more like it"));
  CHECK(has(page, "<code class=\"run\">hfaudit repair acme/six</code>"));
  CHECK(has(page, "10 %"));
  CHECK(has(page, "exit code 1"));
}

TEST_CASE("a clean cache has no list of damage") {
  Report report;
  report.repos = {repo_of("acme/ok", Verdict::complete)};
  const std::string page = page_of(report, ExitCode::ok);
  CHECK(has(page, "<span class=\"clean\">clean</span>"));
  CHECK_FALSE(has(page, "id=\"damaged\""));
}

TEST_CASE("a report that is not the whole truth never looks clean") {
  Report report;
  report.repos = {repo_of("acme/ok", Verdict::complete)};
  report.unreadable = {{"hub/models--acme--x", "open", "Permission denied"}};
  const std::string page = page_of(report, ExitCode::incomplete);
  CHECK(has(page, "<span class=\"unknown\">unknown</span>"));
  CHECK(has(page, "<code>hub/models--acme--x</code>: open: Permission denied"));
  CHECK(has(page_of(report, ExitCode::interrupted), "interrupted"));
}

TEST_CASE("the grid shows which node differs") {
  Report report;
  report.command = "merge";
  for (const char* host : {"node1", "node2", "node3"}) {
    CacheReport cache;
    cache.hosts = {host};
    cache.hub_cache = "/hub";
    report.caches.push_back(cache);
    report.sources.push_back({});
    RepoReport repo = repo_of("acme/six", Verdict::complete);
    repo.cache_ref = {host, "/hub"};
    report.repos.push_back(repo);
  }
  const std::string alike = page_of(report, ExitCode::ok);
  CHECK(has(alike, "All nodes have the same repos"));
  CHECK(count(alike, "<td class=\"gc\">✓</td>") == 3);
  report.repos[2].revisions[0].commit = std::string(40, 'b');
  const std::string page = page_of(report, ExitCode::ok);
  CHECK(has(page, "1 repo is not the same on all nodes"));
  CHECK(count(page, "≠ <code>") == 1);
  CHECK(has(page, "<td class=\"gc d\">✓ ≠ <code>bbbbbbb</code></td>"));
  report.repos.pop_back();
  CHECK(has(page_of(report, ExitCode::ok), "<td class=\"d\">–</td>"));
}

TEST_CASE("of a repo that a node has twice the grid shows the graver verdict") {
  for (const bool worse_first : {false, true}) {
    Report report;
    report.command = "merge";
    for (const char* host : {"node1", "node2"}) {
      CacheReport cache;
      cache.hosts = {host};
      cache.hub_cache = "/hub";
      report.caches.push_back(cache);
      report.sources.push_back({});
      for (const bool first : {true, false}) {
        const bool corrupt = first == worse_first;
        auto repo = repo_of("acme/six", corrupt ? Verdict::corrupt : Verdict::complete);
        repo.cache_ref = {host, "/hub"};
        report.repos.push_back(repo);
      }
    }
    CHECK(count(page_of(report), "<td class=\"gx\">✗</td>") == 2);
  }
}

TEST_CASE("a change of information alone is no change on the page") {
  Report report;
  report.hub_cache = "/data/hf/hub";
  report.findings = {finding_of(FindingId::idle_lock, "acme/six", "a lock that nobody holds"),
                     finding_of(FindingId::missing_file, "acme/six", "a.bin is not here")};
  report.since.emplace();
  report.since->findings = {{Change::added, {}}, {Change::same, {}}};
  report.since->gone = {report.findings[0]};
  CHECK(has(page_of(report), "No error or warning changed"));
  CHECK_FALSE(has(page_of(report), "Errors and warnings that changed"));
  report.since->findings[1].change = Change::worse;
  CHECK_FALSE(has(page_of(report), "No error or warning changed"));
  CHECK(has(page_of(report), "Errors and warnings that changed"));
}

TEST_CASE("2,000 repos, all damaged, stay below a megabyte") {
  Report report;
  report.hub_cache = "/data/hf/hub";
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "some-organisation/a-model-of-usual-length-" + std::to_string(i);
    report.repos.push_back(repo_of(name, Verdict::incomplete, {10'000'000'000, 62'460'000'000}));
    for (int shard = 0; shard < 3; ++shard)
      report.findings.push_back(
          finding_of(FindingId::incomplete_download, name,
                     "model-0000" + std::to_string(shard) +
                         "-of-00006.safetensors stopped at 1.00 GB of 10.41 GB"));
    report.findings.push_back(finding_of(FindingId::stale_lock, name, "a lock that nobody holds"));
    report.findings.push_back(finding_of(FindingId::missing_file, name, "config.json is not here"));
  }
  const std::string page = page_of(report);
  CHECK(page.size() < 1'000'000);
  CHECK(count(page, "<th scope=\"row\">some-organisation/a-model-of-usual-length-") >= 2000);
  CHECK(has(page, "more damaged repos in the table of repos"));
}
