#include "catch_any.hpp"

#include <nlohmann/json.hpp>

#include "hfaudit/render.hpp"
#include "hfaudit/version.hpp"

using namespace hfaudit;
using Json = nlohmann::ordered_json;

namespace {

const std::string test_commit = "0123456789abcdef0123456789abcdef01234567";

Report damaged() {
  Report report;
  report.command = "scan";
  report.hf_home = "/h";
  report.hub_cache = "/h/hub";
  report.started_at = 1'778'633'040;
  report.duration_ms = 12;
  report.scanned = {{"hub", "/h/hub", "HF_HOME", true}};

  RepoReport repo;
  repo.repo = {RepoType::model, "acme/six"};
  repo.path = "hub/models--acme--six";
  repo.verdict = Verdict::incomplete;
  repo.basis = Basis::shard_names;
  repo.bytes = {1, 2};
  RevisionReport revision;
  revision.commit = test_commit;
  revision.refs = {"main", "v1"};
  revision.verdict = Verdict::incomplete;
  revision.basis = Basis::shard_names;
  revision.files = {8, 13};
  revision.bytes = {1, std::nullopt};
  repo.revisions = {revision};
  report.repos = {repo};

  Finding finding;
  finding.id = FindingId::incomplete_download;
  finding.severity = Severity::error;
  finding.repo = repo.repo;
  finding.revision = test_commit;
  finding.path = "hub/models--acme--six/blobs/x.incomplete";
  finding.message = "half of it";
  finding.fix = "pull";
  finding.bytes = 5;
  finding.details = {{"present", std::uint64_t{5}}, {"file", "model.bin"}};
  report.findings = {finding};
  report.bytes_present = 1;
  report.bytes_missing = 2;
  report.bytes_reclaimable = 3;
  return report;
}

using Renderer = void (*)(const Report&, ExitCode, const Sink&);

std::string written(Renderer render, const Report& report, ExitCode code) {
  std::string text;
  render(report, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

Json written_json(const Report& report, ExitCode code) {
  return Json::parse(written(render_json, report, code));
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items())
    keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("the JSON report has the contract's fields") {
  const Json json = written_json(damaged(), ExitCode::damage);
  CHECK(json["schema"] == "hfaudit.report/1");
  CHECK(json["tool"] == Json{{"name", "hfaudit"}, {"version", version()}});
  CHECK(json["command"] == "scan");
  CHECK(json["cache"] == Json{{"hf_home", "/h"}, {"hub_cache", "/h/hub"}, {"xet_cache", nullptr}});
  CHECK(json["started_at"] == "2026-05-13T00:44:00Z");
  CHECK(json["duration_ms"] == 12);
  CHECK(json["verdict"] == "damaged");
  CHECK(json["exit_code"] == 1);
  CHECK(json["summary"] == Json::parse(R"({"repos": 1, "by_verdict": {"incomplete": 1},
      "findings": {"error": 1, "warning": 0, "info": 0}, "bytes": {"present": 1, "missing": 2, "reclaimable": 3}})"));
  CHECK(
      json["looked_at"] ==
      Json::parse(R"([{"what": "hub", "path": "/h/hub", "because": "HF_HOME", "exists": true}])"));
  CHECK(json["blind"] == Json::array());
  CHECK(json["repos"] == Json::parse(R"([{"repo_id": "acme/six", "repo_type": "model",
      "path": "hub/models--acme--six", "verdict": "incomplete", "basis": "shard-names",
      "bytes": {"present": 1, "expected": 2},
      "revisions": [{"commit": "0123456789abcdef0123456789abcdef01234567", "refs": ["main", "v1"],
        "verdict": "incomplete", "basis": "shard-names", "files": {"present": 8, "expected": 13},
        "bytes": {"present": 1, "expected": null},
        "snapshot": "hub/models--acme--six/snapshots/0123456789abcdef0123456789abcdef01234567"}]}])"));
  CHECK(json["findings"] == Json::parse(R"([{"id": "incomplete-download", "severity": "error",
      "repo_id": "acme/six", "repo_type": "model", "revision": "0123456789abcdef0123456789abcdef01234567",
      "path": "hub/models--acme--six/blobs/x.incomplete", "message": "half of it", "fix": "pull",
      "run": "hfaudit repair acme/six", "bytes": 5, "details": {"present": 5, "file": "model.bin"}}])"));
}

TEST_CASE("an empty report is valid JSON, with its lists empty") {
  const Json json = written_json(Report{}, ExitCode::ok);
  CHECK(json["verdict"] == "clean");
  CHECK(json["repos"] == Json::array());
  CHECK(json["findings"] == Json::array());
  CHECK(json["summary"]["by_verdict"] == Json::object());
}

TEST_CASE("what is not known is null, never empty or zero") {
  Report report = damaged();
  report.repos[0].repo.id.clear();
  report.repos[0].bytes.expected.reset();
  report.findings[0].repo.reset();
  report.findings[0].revision.clear();
  report.findings[0].fix.clear();
  const Json json = written_json(report, ExitCode::damage);
  CHECK(json["repos"][0]["repo_id"].is_null());
  CHECK(json["repos"][0]["bytes"]["expected"].is_null());
  for (const char* key : {"repo_id", "repo_type", "revision", "fix"}) {
    CAPTURE(key);
    CHECK(json["findings"][0][key].is_null());
  }
}

TEST_CASE("a path that is no UTF-8 stands beside its exact bytes") {
  Report report = damaged();
  report.findings[0].path = "hub/\xff/x";
  report.findings[0].details = {{"target", "\xfe"}};
  report.repos[0].path = "hub/models--a--\x80";
  report.unreadable = {{"\xff", "open", "Permission denied"}};
  const Json json = written_json(report, ExitCode::incomplete);
  CHECK(json["findings"][0]["path"] == "hub/\xef\xbf\xbd/x");
  CHECK(json["findings"][0]["path_b64"] == "aHViL/8veA==");
  CHECK(json["findings"][0]["details"]["target"] == "\xef\xbf\xbd");
  CHECK(json["repos"][0]["path_b64"] == "aHViL21vZGVscy0tYS0tgA==");
  CHECK(json["blind"][0]["path_b64"] == "/w==");
  CHECK_FALSE(written_json(damaged(), ExitCode::damage)["findings"][0].contains("path_b64"));
}

TEST_CASE("JSON output holds no control character and no byte beyond ASCII") {
  Report report = damaged();
  report.findings[0].path = "a\x1b[31m\n\x7f\xc2\x9b模";
  for (const Renderer render : {&render_json, &render_ndjson}) {
    const std::string text = written(render, report, ExitCode::damage);
    CHECK(std::all_of(text.begin(), text.end(),
                      [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  }
  CHECK(written_json(report, ExitCode::damage)["findings"][0]["path"] == report.findings[0].path);
}

TEST_CASE("the verdict of the whole goes with the exit code") {
  const Report report = damaged();
  Report fine = damaged();
  fine.findings.clear();
  CHECK(written_json(fine, ExitCode::ok)["verdict"] == "clean");
  CHECK(written_json(report, ExitCode::ok)["verdict"] == "damaged");  // --fail-on never
  CHECK(written_json(report, ExitCode::incomplete)["verdict"] == "unknown");
  CHECK(written_json(fine, ExitCode::incomplete)["verdict"] == "unknown");
  CHECK(written_json(fine, ExitCode::interrupted)["verdict"] == "unknown");
  CHECK(written_json(report, ExitCode::terminated)["verdict"] == "damaged");
  CHECK(written_json(report, ExitCode::terminated)["exit_code"] == 143);
}

TEST_CASE("NDJSON: start, each repo, each finding, end") {
  Report report = damaged();
  report.findings.push_back(report.findings[0]);
  report.unreadable = {{"hub/x", "open", "Permission denied"}};
  std::istringstream lines(written(render_ndjson, report, ExitCode::incomplete));
  std::vector<Json> objects;
  for (std::string line; std::getline(lines, line);)
    objects.push_back(Json::parse(line));
  REQUIRE(objects.size() == 5);
  const std::vector<std::string> types{"start", "repo", "finding", "finding", "end"};
  for (std::size_t i = 0; i < types.size(); ++i)
    CHECK(objects[i]["type"] == types[i]);

  CHECK(objects[0]["schema"] == "hfaudit.report/1");
  CHECK(objects[0]["cache"]["hub_cache"] == "/h/hub");
  CHECK(objects[4]["summary"]["findings"]["error"] == 2);
  CHECK(objects[4]["exit_code"] == 3);
  CHECK(objects[4]["blind"][0]["path"] == "hub/x");

  // A repo and a finding look as in the one object, but for the type.
  const Json whole = written_json(report, ExitCode::incomplete);
  for (const auto& [line, element] :
       {std::pair{objects[1], whole["repos"][0]}, {objects[2], whole["findings"][0]}}) {
    auto keys = keys_of(line);
    keys.erase(keys.begin());
    CHECK(keys == keys_of(element));
  }
}
