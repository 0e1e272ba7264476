#include "catch_any.hpp"

#include <nlohmann/json.hpp>
#include <random>

#include "hfaudit/merge.hpp"
#include "hfaudit/render.hpp"

using namespace hfaudit;
using Json = nlohmann::ordered_json;

namespace {

using Renderer = void (*)(const Report&, ExitCode, const Sink&);

std::string rendered(Renderer render, const Report& report, ExitCode code) {
  std::string text;
  render(report, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

Report small() {
  Report report;
  report.command = "scan";
  report.host = "node1";
  report.hf_home = "/h";
  report.hub_cache = "/h/hub";
  report.started_at = 1'778'633'040;
  report.scanned = {{"hub", "/h/hub", "HF_HOME", true}};
  RepoReport repo;
  repo.repo = {RepoType::dataset, "acme/six"};
  repo.path = "hub/datasets--acme--six";
  repo.verdict = Verdict::incomplete;
  repo.revisions = {{"0123",
                     {"main"},
                     false,
                     Verdict::incomplete,
                     Basis::tree,
                     {1, 2},
                     {3, std::nullopt},
                     {},
                     false,
                     {}}};
  report.repos = {repo};
  Finding finding;
  finding.id = FindingId::missing_file;
  finding.severity = Severity::error;
  finding.repo = repo.repo;
  finding.path = "hub/x";
  finding.message = "not here";
  finding.details = {{"file", "x"}, {"size", std::uint64_t{3}}};
  report.findings = {finding};
  report.verified = {{1, 2},  {3, 4}, {0, 0}, {7, 8},
                     {9, 10}, 11,     1.5,    SubsetTaken{1, 4, "1/4", "abc"}};
  return report;
}

Json json_of(const Report& report, ExitCode code = ExitCode::damage) {
  return Json::parse(rendered(render_json, report, code));
}

std::string outcome(const std::string& text) {
  const auto past = read_report("f", text);
  return past ? "read" : past.error().cause;
}

// What becomes of a report when `at` holds `value`.
std::string with(const std::string& at, const Json& value) {
  Json json = json_of(small());
  json[Json::json_pointer(at)] = value;
  return outcome(json.dump());
}

std::string without(const std::string& at, const std::string& key) {
  Json json = json_of(small());
  json[Json::json_pointer(at)].erase(key);
  return outcome(json.dump());
}

// Reports of all shapes.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Report report() {
    Report made;
    made.command = text();
    made.host = text();
    made.hf_home = "/\xe6\xa8\xa1 x";  // commands quote both, and reports keep only their text
    made.hub_cache = made.hf_home + "/hub";
    made.xet_cache = text();
    made.started_at = static_cast<std::int64_t>(below(4'000'000'000));
    made.duration_ms = number();
    made.bytes_present = number();
    made.bytes_missing = number();
    made.bytes_reclaimable = number();
    for (auto i = below(3); i > 0; --i)
      made.scanned.push_back({text(), text(), text(), below(2) == 0});
    for (auto i = below(3); i > 0; --i)
      made.unreadable.push_back({text(), "open", text()});
    for (auto i = below(4); i > 0; --i)
      made.repos.push_back(repo());
    for (auto i = below(4); i > 0; --i)
      made.findings.push_back(finding());
    if (below(2) == 0) made.verified = verified();
    return made;
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  std::uint64_t number() { return below(2) == 0 ? below(1000) : random_(); }

  // Any bytes, now and then: control characters, no UTF-8, characters beyond the first plane.
  std::string text() {
    static const std::vector<std::string> text_pieces{"a",        "hub/",
                                                      "\"",       "\\",
                                                      "\x1b[31m", "\xff",
                                                      "模",       "\xf0\x9f\x98\x80",
                                                      "\n",       std::string(1, '\0')};
    std::string made;
    for (auto i = below(6); i > 0; --i)
      made += text_pieces[below(text_pieces.size())];
    return made;
  }

  Amount amount() { return {number(), below(2) == 0 ? std::optional(number()) : std::nullopt}; }
  Verdict verdict() { return static_cast<Verdict>(below(6)); }
  Basis basis() { return static_cast<Basis>(below(6)); }

  RepoReport repo() {
    RepoReport made{
        {static_cast<RepoType>(below(4)), text()}, text(), verdict(), basis(), amount(), {}};
    for (auto i = below(3); i > 0; --i) {
      made.revisions.push_back(
          {text(), {text(), text()}, false, verdict(), basis(), amount(), amount(), {}, false, {}});
    }
    return made;
  }

  Finding finding() {
    Finding made;
    made.id = static_cast<FindingId>(below(catalogue().size()));
    made.severity = static_cast<Severity>(below(3));
    if (below(2) == 0) made.repo = RepoId{static_cast<RepoType>(below(4)), text()};
    made.revision = text();
    made.path = text();
    made.message = text();
    made.fix = text();
    made.bytes = number();
    if (below(2) == 0) made.details = {{"a", text()}, {"b", number()}};
    return made;
  }

  Verified verified() {
    Verified made{{number(), number()},
                  {number(), number()},
                  {number(), number()},
                  {number(), number()},
                  {number(), number()},
                  {},
                  0,
                  {}};
    made.seconds = static_cast<double>(below(100'000)) / 7;
    if (below(2) == 0) made.subset = SubsetTaken{0, 0, text(), ""};
    if (below(2) == 0) made.subset = SubsetTaken{3, 8, text(), "l" + text()};
    return made;
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("a report that was read is rendered as it was") {
  constexpr std::array exit_codes{ExitCode::ok, ExitCode::damage, ExitCode::incomplete,
                                  ExitCode::interrupted, ExitCode::terminated};
  for (unsigned seed = 0; seed < 500; ++seed) {
    Maker maker(seed);
    const Report report = maker.report();
    const ExitCode code = exit_codes[maker.below(exit_codes.size())];
    for (const Renderer render : {&render_json, &render_ndjson}) {
      const std::string text = rendered(render, report, code);
      const auto past = read_report("f", text);
      INFO(text);
      REQUIRE(past);
      CHECK(past->exit_code == code);
      REQUIRE(rendered(render, past->report, code) == text);
    }
  }
}

TEST_CASE("bytes that are no text come back from base64") {
  Report report = small();
  report.findings[0].path = "hub/\xff/x";
  const auto past = read_report("f", json_of(report).dump());
  REQUIRE(past);
  CHECK(past->report.findings[0].path == report.findings[0].path);
}

TEST_CASE("what no report has is passed over") {
  CHECK(with("/new", Json::parse(R"({"findings": [{"deep": [1, -2, 3.5, null]}]})")) == "read");
  CHECK(with("/findings/0/new", 1) == "read");
  CHECK(with("/findings/0/details/later", true) == "read");
  CHECK(with("/schema", "hfaudit.report/1.7") == "read");
}

TEST_CASE("the order of the keys does not matter") {
  const nlohmann::json sorted = nlohmann::json::parse(json_of(small()).dump());
  CHECK(outcome(sorted.dump()) == "read");
  CHECK(outcome(sorted.dump(2)) == "read");
}

TEST_CASE("a key that is missing is named") {
  struct Case {
    const char *at, *key, *outcome;
  };
  const std::vector<Case> cases{
      {"", "schema", "it is not an hfaudit report"},
      {"", "command", "command: missing"},
      {"", "host", "host: missing"},
      {"", "blind", "blind: missing"},
      {"", "findings", "findings: missing"},
      {"", "exit_code", "exit_code: missing"},
      {"", "verified", "read"},
      {"/cache", "hub_cache", "cache.hub_cache: missing"},
      {"/summary/bytes", "present", "summary.bytes.present: missing"},
      {"/repos/0", "verdict", "repos[0].verdict: missing"},
      {"/repos/0/revisions/0", "commit", "repos[0].revisions[0].commit: missing"},
      {"/repos/0/revisions/0/files", "expected", "repos[0].revisions[0].files.expected: missing"},
      {"/findings/0", "severity", "findings[0].severity: missing"},
      {"/findings/0", "repo_type", "findings[0].repo_type: missing"},
      {"/verified", "left", "verified.left: missing"},
      {"/verified/subset", "of", "verified.subset.of: missing"},
      {"/verified/subset", "listing", "verified.subset.listing: missing"}};
  for (const Case& one : cases) {
    INFO(one.at << " " << one.key);
    CHECK(without(one.at, one.key) == one.outcome);
  }
}

TEST_CASE("a value that is wrong is named") {
  struct Case {
    const char* at;
    Json value;
    const char* outcome;
  };
  const std::vector<Case> cases{
      {"/schema", "hfaudit.report/2",
       "its schema is hfaudit.report/2, and this hfaudit reads hfaudit.report/1"},
      {"/schema", "hfaudit.report/10",
       "its schema is hfaudit.report/10, and this hfaudit reads hfaudit.report/1"},
      {"/schema", 1, "it is not an hfaudit report"},
      {"/findings", Json::object(), "findings: not a list"},
      {"/findings/0", 3, "findings[0]: not an object"},
      {"/findings/0/id", "rotten-bits", "findings[0].id: unknown: rotten-bits"},
      {"/findings/0/severity", "fatal", "findings[0].severity: unknown: fatal"},
      {"/findings/0/bytes", -1, "findings[0].bytes: not a whole number from 0 to 2^64-1"},
      {"/findings/0/bytes", 1.5, "findings[0].bytes: not a whole number from 0 to 2^64-1"},
      {"/findings/0/bytes", 1e30, "findings[0].bytes: not a whole number from 0 to 2^64-1"},
      {"/findings/0/path", "../../etc/passwd", "findings[0].path: it leads out of the cache"},
      {"/findings/0/path", nullptr, "findings[0].path: not a text"},
      {"/findings/0/path_b64", "!", "findings[0].path_b64: not base64"},
      {"/repos/0/verdict", "fine", "repos[0].verdict: unknown: fine"},
      {"/repos/0/repo_type", "models", "repos[0].repo_type: unknown: models"},
      {"/repos/0/revisions/0/refs", Json::array({1}),
       "repos[0].revisions[0].refs: not a list of texts"},
      {"/started_at", "2026-02-30T00:00:00Z", "started_at: not a time like 2026-05-13T00:44:00Z"},
      {"/started_at", "yesterday", "started_at: not a time like 2026-05-13T00:44:00Z"},
      {"/exit_code", 256, "exit_code: no exit code"},
      {"/exit_code", 0, "read"},  // --fail-on never
      {"/verdict", "clean", "verdict: does not fit the exit code"},
      {"/summary/repos", 0, "summary.repos: does not fit the list"},
      {"/summary/findings/error", 0, "summary.findings.error: does not fit the list"},
      {"/verified/seconds", -1.0, "verified.seconds: no number of seconds"},
      {"/verified/seconds", 1e300, "verified.seconds: no number of seconds"},
      {"/verified/subset/part", 5, "verified.subset.part: beyond the number of parts"},
      {"/verified/subset/part", 0, "verified.subset.part: not from 1 to 1000000"},
      {"/verified/subset/of", 4'000'000'000U, "verified.subset.of: not from 1 to 1000000"},
      {"/verified/subset/listing", "",
       "verified.subset.listing: empty: the whole of this part is unknown"},
      {"/cache/hub_cache", nullptr, "cache.hub_cache: null, and no other place is named"},
      {"/command", "merge", "sources: missing"}};
  for (const Case& one : cases) {
    INFO(one.at << " " << one.value);
    CHECK(with(one.at, one.value) == one.outcome);
  }
}

TEST_CASE("what is no report is refused") {
  const std::string whole = rendered(render_json, small(), ExitCode::damage);
  CHECK(outcome("") == "it is empty");
  CHECK(outcome("\n \n") == "it is empty");
  CHECK(outcome("[]") == "it is not an hfaudit report: JSON of another shape");
  CHECK(outcome("{}") == "it is not an hfaudit report");
  CHECK(outcome("null") == "it is not an hfaudit report: JSON of another shape");
  CHECK(outcome(std::string(1000, '\0')) == "it is not an hfaudit report: not valid JSON");
  CHECK(outcome(std::string(1'000'000, '[')) ==
        "it is not an hfaudit report: JSON of another shape");
  CHECK(outcome(R"({"schema":)" + std::string(1'000'000, '[')) ==
        "it is not an hfaudit report: JSON nested too deeply");
  CHECK(outcome(whole + whole) == "not valid JSON");
  CHECK(outcome(R"({"schema":"hfaudit.report/1","blind":[],"blind":[]})") == "blind: there twice");
  for (std::size_t length = 1; length + 2 < whole.size(); length += 7) {
    CHECK(outcome(whole.substr(0, length)) != "read");
  }
}

TEST_CASE("a file of another kind is named by its kind") {
  CHECK(outcome(R"({"schema":"hfaudit.lock/1","repos":[{"repo_id":"acme/six"}]})") ==
        "it is not an hfaudit report: it is a lock file");
  CHECK(outcome(R"({"schema":"hfaudit.error/1","error":"x","exit_code":2})") ==
        "it is not an hfaudit report: it is an error message");
  CHECK(outcome(R"({"schema":"other/1","repos":[1]})") == "it is not an hfaudit report");
}

TEST_CASE("an ndjson report that breaks off is kept, without an exit code") {
  const std::string whole = rendered(render_ndjson, small(), ExitCode::damage);
  const std::size_t first = whole.find('\n') + 1, end = whole.find("{\"type\":\"end\"");
  for (std::size_t length = 1; length < whole.size() - 1; length += 3) {
    INFO(whole.substr(0, length));
    const auto past = read_report("f", whole.substr(0, length));
    CHECK(past.has_value() == (length >= first - 1));
    if (past) CHECK_FALSE(past->exit_code);
  }
  CHECK(read_report("f", whole.substr(0, end))->report.findings.size() == 1);
  CHECK(read_report("f", whole)->exit_code == ExitCode::damage);
}

TEST_CASE("an ndjson report out of order is refused") {
  const std::string whole = rendered(render_ndjson, small(), ExitCode::damage);
  const std::size_t first = whole.find('\n') + 1;
  CHECK(outcome(whole + whole) == "line 5: more after the end of the report");
  CHECK(outcome(whole.substr(0, first) + whole) == "line 2: a second report begins");
  CHECK(outcome(whole.substr(first)) ==
        "it is not an hfaudit report: line 1: not the start of a report");
  CHECK(outcome(whole.substr(0, first) + "{\n" + whole.substr(first)) == "line 2: not valid JSON");
  CHECK(outcome(whole.substr(0, first) + "\r\n{\"type\":\"progress\"}\n" + whole.substr(first)) ==
        "read");
  CHECK(outcome(whole.substr(0, first) + "{\"type\":3}\n") == "line 2: type: not a text");
}
