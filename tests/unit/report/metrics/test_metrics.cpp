#include "catch_any.hpp"

#include <map>
#include <set>
#include <sstream>

#include "hfaudit/render.hpp"
#include "report/metrics/exposition.hpp"
#include "report_values.hpp"

using namespace hfaudit;

namespace {

RepoReport repo_of(const std::string& id, Verdict verdict, std::uint64_t present) {
  return test::repo_of(id, verdict, {present, 100});
}

RunFacts facts() {
  return {"scan", "/data/hf/hub", {}, {}, 1'700'000'000, 1500};
}

std::string metrics_of(const Report& report, MetricsSeries series = MetricsSeries::cache,
                       RunFacts run = facts(), ExitCode code = ExitCode::damage) {
  std::string text;
  render_metrics(report, run, series, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// Names are declared once, all series follow their declaration, and none is there twice.
void check_form(const std::string& text) {
  std::istringstream lines(text);
  std::set<std::string> names, series;
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      name = line.substr(7, line.find(' ', 7) - 7);
      CHECK(names.insert(name).second);
    } else if (!line.starts_with("#")) {
      CHECK(line.starts_with(name));
      CHECK(series.insert(line.substr(0, line.rfind(' '))).second);
    }
  }
}

}  // namespace

TEST_CASE("metrics count repos by verdict and findings by severity, zero included") {
  Report report;
  report.repos = {repo_of("acme/a", Verdict::complete, 100),
                  repo_of("acme/b", Verdict::corrupt, 50)};
  Finding finding;
  finding.id = FindingId::digest_mismatch;
  finding.severity = Severity::error;
  report.findings = {finding};
  report.bytes_present = 150;
  const std::string text = metrics_of(report);
  const std::string labels = "command=\"scan\",cache=\"/data/hf/hub\"";
  CHECK(has(text, "hfaudit_repos{" + labels + ",verdict=\"complete\"} 1"));
  CHECK(has(text, "hfaudit_repos{" + labels + ",verdict=\"corrupt\"} 1"));
  CHECK(has(text, "hfaudit_repos{" + labels + ",verdict=\"subset\"} 0"));
  CHECK(has(text, "hfaudit_findings{" + labels + ",severity=\"error\"} 1"));
  CHECK(has(text,
            "hfaudit_findings_by_id{" + labels + ",id=\"digest-mismatch\",severity=\"error\"} 1"));
  CHECK(
      has(text, "hfaudit_findings_by_id{" + labels + ",id=\"missing-file\",severity=\"error\"} 0"));
  CHECK(has(text, "hfaudit_present_bytes{" + labels + "} 150"));
  CHECK(has(text, "hfaudit_exit_code{" + labels + "} 1"));
  CHECK(has(text, "hfaudit_run_timestamp_seconds{" + labels + "} 1700000001"));
  CHECK(has(text, "hfaudit_run_duration_seconds{" + labels + "} 1.5"));
  CHECK(text.find("hfaudit_repo_") == std::string::npos);
  CHECK(text.find("hfaudit_content_") == std::string::npos);
  check_form(text);
}

TEST_CASE("the age of the oldest proof is there only if everything is proven") {
  Report report;
  report.verified.emplace();
  CHECK(metrics_of(report).find("oldest_proof") == std::string::npos);
  report.verified->oldest_proof_s = 86400;
  CHECK(metrics_of(report).find(
            "hfaudit_oldest_proof_age_seconds{command=\"scan\",cache=\"/data/hf/hub\"} 86400\n") !=
        std::string::npos);
}

TEST_CASE("what was asked for is a label, and a long list is not") {
  RunFacts run = facts();
  run.asked = {"acme/six", "acme/seven"};
  CHECK(metrics_of({}, MetricsSeries::cache, run).find("asked=\"acme/six acme/seven\"") !=
        std::string::npos);
  run.asked = {"a/a", "b/b", "c/c", "d/d"};
  CHECK(metrics_of({}, MetricsSeries::cache, run).find("asked=\"a/a and 3 more\"") !=
        std::string::npos);
  run.limits = {"--include *.gguf", "--locked models.lock"};
  const auto text = metrics_of({}, MetricsSeries::cache, run);
  CHECK(text.find("asked=\"a/a and 3 more --include *.gguf --locked models.lock\"") !=
        std::string::npos);
}

TEST_CASE("no value of a label breaks the format") {
  CHECK(report::label_value("a\"b\\c\nd") == "a\\\"b\\\\c\\\\nd");
  CHECK(report::label_value("\xff\x01") == "\\\\xff\\\\x01");
  CHECK(report::label_value("\xe2\x80\xae"
                            "x") == "\\\\xe2\\\\x80\\\\xaex");
  CHECK(report::label_value("ü") == "ü");
  Report report;
  report.repos = {repo_of("a\"}\nhfaudit_exit_code 0", Verdict::complete, 1)};
  check_form(metrics_of(report, MetricsSeries::each_repo));
}

TEST_CASE("a repo that is here twice is one series") {
  Report report;
  report.repos = {repo_of("acme/a", Verdict::complete, 100),
                  repo_of("acme/a", Verdict::incomplete, 50)};
  const std::string text = metrics_of(report, MetricsSeries::each_repo);
  check_form(text);
  CHECK(text.find("repo=\"acme/a\",repo_type=\"model\",verdict=\"incomplete\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("repo=\"acme/a\",repo_type=\"model\"} 150\n") != std::string::npos);
}

TEST_CASE("a merged report has series for each node") {
  Report report;
  report.command = "merge";
  for (const char* host : {"node1", "node2"}) {
    CacheReport cache;
    cache.hosts = {host};
    cache.hub_cache = "/hub";
    cache.bytes_present = 5;
    report.caches.push_back(cache);
    report.sources.push_back({});
    auto repo = repo_of("acme/a", Verdict::complete, 1);
    repo.cache_ref = {host, "/hub"};
    report.repos.push_back(repo);
  }
  report.unreadable = {{"hub", "open", "x", {"node2", "/hub"}}};
  const std::string text =
      metrics_of(report, MetricsSeries::each_repo, {"merge", "", {}, {}, 5, 0});
  check_form(text);
  CHECK(has(text,
            "hfaudit_node_present_bytes{command=\"merge\",host=\"node1\",node_cache=\"/hub\"} 5"));
  CHECK(
      has(text,
          "hfaudit_node_unreadable_paths{command=\"merge\",host=\"node2\",node_cache=\"/hub\"} 1"));
  CHECK(text.find("hfaudit_repo_verdict{command=\"merge\",host=\"node2\",node_cache=\"/hub\","
                  "repo=\"acme/a\"") != std::string::npos);
}

TEST_CASE("changes since an earlier report are counted by severity") {
  Report report;
  report.findings = {test::finding_of(FindingId::missing_file, "acme/a", "x", "x"),
                     test::finding_of(FindingId::stale_lock, "acme/a", "y", "y"),
                     test::finding_of(FindingId::stale_lock, "acme/b", "y", "y")};
  report.since.emplace();
  report.since->findings = {{Change::same, {}}, {Change::added, {}}, {Change::worse, {}}};
  report.since->gone = {report.findings[0]};
  report.since->unchecked = 7;
  report.since->repos = {{Change::worse, {}, "", Verdict::complete, Verdict::subset, 0, 0, {}}};
  const std::string text = metrics_of(report);
  check_form(text);
  const auto series = [&](const std::string& change, const std::string& severity, int count) {
    return has(text, "hfaudit_since_findings{command=\"scan\",cache=\"/data/hf/hub\",change=\"" +
                         change + "\",severity=\"" + severity + "\"} " + std::to_string(count));
  };
  CHECK(series("new", "error", 0));
  CHECK(series("new", "warning", 1));
  CHECK(series("worse", "warning", 1));
  CHECK(series("same", "error", 1));
  CHECK(series("gone", "error", 1));
  CHECK(series("better", "info", 0));
  CHECK(
      has(text, "hfaudit_since_repos{command=\"scan\",cache=\"/data/hf/hub\",change=\"worse\"} 1"));
  CHECK(
      has(text, "hfaudit_since_repos{command=\"scan\",cache=\"/data/hf/hub\",change=\"gone\"} 0"));
  CHECK(
      text.find("hfaudit_since_unchecked_findings{command=\"scan\",cache=\"/data/hf/hub\"} 7\n") !=
      std::string::npos);
}

TEST_CASE("a run without a report says how it ended, and counts nothing") {
  std::string text;
  render_metrics_of_failure(facts(), ExitCode::usage,
                            [&text](std::string_view piece) { text += piece; });
  check_form(text);
  CHECK(has(text, "hfaudit_exit_code{command=\"scan\",cache=\"/data/hf/hub\"} 2"));
  CHECK(text.find("hfaudit_repos") == std::string::npos);
  CHECK(text.find("hfaudit_findings") == std::string::npos);
}
