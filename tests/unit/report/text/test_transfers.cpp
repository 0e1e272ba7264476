#include "catch_any.hpp"

#include <nlohmann/json.hpp>

#include "base/terminal_text.hpp"
#include "hfaudit/merge.hpp"
#include "hfaudit/render.hpp"
#include "report_values.hpp"

using namespace hfaudit;
using test::has;
using Json = nlohmann::ordered_json;

namespace {

Transfer transfer_of(const std::string& id) {
  Transfer transfer;
  transfer.repo = {RepoType::model, id};
  transfer.commit = test::commit;
  transfer.wanted = {13, 62'460'000'000};
  transfer.had = {8, 10'410'000'000};
  transfer.pulled = {5, 52'050'000'000};
  transfer.received = 52'100'000'000;
  transfer.seconds = 521;
  transfer.attempts = 1;
  return transfer;
}

RepoReport pulled_repo(const std::string& id, Verdict verdict) {
  return test::repo_of(id, verdict, {});
}

// One repo is whole, of one two files would not come, one was refused.
Report three() {
  Report report;
  report.command = "pull";
  report.hf_home = "/h";
  report.hub_cache = "/h/hub";
  report.started_at = 1'778'633'040;
  report.scanned = {{"hub", "/h/hub", "HF_HOME", true}};
  report.repos = {pulled_repo("acme/big", Verdict::incomplete),
                  pulled_repo("acme/six", Verdict::complete)};
  report.transfers = {transfer_of("acme/six"), transfer_of("acme/big"), transfer_of("acme/gated")};
  Transfer& big = report.transfers[1];
  big.revision = "v1";
  big.pulled = {3, 42'000'000'000};
  big.attempts = 3;
  big.left = {{"a.safetensors", 5'000'000'000, 1'200'000'000, "Hub returned 503"},
              {"b.safetensors", 5'000'000'000, 0,
               "expected sha256 12, got 34; the evidence is in b.hfaudit.wrong"}};
  big.failure = "Hub returned 503";
  Transfer& gated = report.transfers[2];
  gated = {};
  gated.repo = {RepoType::model, "acme/gated"};
  gated.failure = "it is gated: accept its licence at https://hub/acme/gated";
  report.unreadable = {{"acme/gated", "ask the Hub", gated.failure, {}, true}};
  return report;
}

std::string transfer_text(const Report& report, TextStyle style = {},
                          ExitCode code = ExitCode::refused) {
  std::string text;
  render_text(report, style, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

using Renderer = void (*)(const Report&, ExitCode, const Sink&);

std::string rendered(Renderer render, const Report& report, ExitCode code) {
  std::string text;
  render(report, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace

TEST_CASE(
    "the text of a pull: a line a repo, what is missing and why, and the end of all reports") {
  CHECK(transfer_text(three()) ==
        R"(Cache: /h/hub (from HF_HOME)

Not everything could be checked:
  acme/gated  ask the Hub: it is gated: accept its licence at https://hub/acme/gated

complete    acme/six     13 files, 62.46 GB; pulled 5 files, 52.05 GB in 8 min 41 s (99.90 MB/s)
incomplete  acme/big@v1  13 files, 62.46 GB; 2 files missing, 8.80 GB; pulled 3 files, 42.00 GB in 8 min 41 s (80.61 MB/s), 3 attempts
  Hub returned 503
  partial  1.20 GB of 5.00 GB  a.safetensors
  absent              5.00 GB  b.safetensors: expected sha256 12, got 34; the evidence is in b.hfaudit.wrong
failed      acme/gated

unknown: 1 of 3 repos complete, 1 not, 1 refused; no findings; 0 B here; 0 ms
)");
}

TEST_CASE("quiet says nothing of what is complete") {
  const std::string text = transfer_text(three(), {false, 0, -1});
  CHECK_FALSE(has(text, "acme/six"));
  CHECK(has(text, "incomplete  acme/big@v1"));
}

TEST_CASE("a repo of which nothing was missing") {
  Report report = three();
  report.transfers.resize(1);
  report.transfers[0].pulled = {};
  CHECK(has(transfer_text(report), "complete  acme/six  13 files, 62.46 GB; nothing to pull\n"));
}

TEST_CASE("all that was asked for is there: complete, though the repo has more") {
  Report report = three();
  report.repos[1].revisions[0].verdict = Verdict::subset;
  CHECK(has(transfer_text(report), "complete    acme/six"));
  report.transfers[0].left = {{"a", 1, 0, ""}};
  CHECK(has(transfer_text(report), "incomplete  acme/six"));
}

TEST_CASE("the audit has the last word") {
  Report report = three();
  report.repos[1].revisions[0].verdict = Verdict::corrupt;
  CHECK(has(transfer_text(report), "corrupt     acme/six"));
  report.repos.clear();
  CHECK(has(transfer_text(report), "unknown     acme/six"));
}

TEST_CASE("a dry run lists what would be pulled, the first few of it") {
  Report report = three();
  report.repos.clear();
  report.unreadable.clear();
  report.transfers.resize(1);
  Transfer& transfer = report.transfers[0];
  transfer.planned = true;
  transfer.pulled = {};
  for (int i = 0; i < 12; ++i)
    transfer.left.push_back({"f" + std::to_string(i), 1'000'000, i == 0 ? 250'000U : 0U, ""});
  const std::string text = transfer_text(report, {}, ExitCode::ok);
  CHECK(has(
      text,
      "to pull  acme/six  13 files, 62.46 GB; 8 files, 10.41 GB here; 12 files, 11.75 MB to pull\n"
      "  partial  250.00 kB of 1.00 MB  f0\n"
      "  absent                1.00 MB  f1\n"));
  CHECK(has(text, "f8\n  and 3 more (-v lists them)\n"));
  CHECK(has(transfer_text(report, {false, 0, 1}, ExitCode::ok), "f11\n"));
  transfer.left.clear();
  CHECK(
      has(transfer_text(report, {}, ExitCode::ok),
          "present  acme/six  13 files, 62.46 GB; 8 files, 10.41 GB here; 0 files, 0 B to pull\n"));
}

TEST_CASE("what a pull prints fits a terminal, but for what is wrong") {
  Report report = three();
  report.transfers[1].repo.id = "acme/" + std::string(70, 'x');
  for (const unsigned width : {64U, 80U, 120U}) {
    std::istringstream stream(transfer_text(report, {false, width, 0}));
    for (std::string line; std::getline(stream, line);) {
      CAPTURE(width, line);
      CHECK((columns_of(line) <= width || has(line, "licence") || has(line, "sha256")));
    }
  }
}

TEST_CASE("no byte of what a pull met reaches the terminal raw") {
  const std::string bad = "a\x1b[2J\n\xff";
  Report report = three();
  for (Transfer& transfer : report.transfers) {
    transfer.repo.id = transfer.revision = transfer.failure = bad;
    transfer.left = {{bad, 2, 1, bad + bad}};
  }
  std::string text = transfer_text(report);
  std::erase(text, '\n');
  CHECK(printable(text) == text);
}

TEST_CASE("JSON has the transfers in the order of asking") {
  const Json json = Json::parse(rendered(render_json, three(), ExitCode::refused));
  REQUIRE(json["transfers"].size() == 3);
  CHECK(json["transfers"][1] ==
        Json::parse(R"({"repo_id": "acme/big", "repo_type": "model", "revision": "v1",
      "commit": "0123456789abcdef0123456789abcdef01234567", "planned": false,
      "wanted": {"files": 13, "bytes": 62460000000}, "had": {"files": 8, "bytes": 10410000000},
      "pulled": {"files": 3, "bytes": 42000000000}, "received": 52100000000,
      "sources": [], "names_from": null, "seconds": 521.0, "attempts": 3,
      "left": [{"path": "a.safetensors", "size": 5000000000, "prefix": 1200000000, "trouble": "Hub returned 503"},
               {"path": "b.safetensors", "size": 5000000000, "prefix": 0,
                "trouble": "expected sha256 12, got 34; the evidence is in b.hfaudit.wrong"}],
      "trouble": "Hub returned 503"})"));
  CHECK(json["transfers"][2]["commit"].is_null());
  CHECK(json["transfers"][0]["trouble"].is_null());
  CHECK_FALSE(Json::parse(rendered(render_json, Report{}, ExitCode::ok)).contains("transfers"));
}

TEST_CASE("What came from other sources stands in both reports") {
  Report report = three();
  report.transfers[1].sources = {{"/mnt/old", {2, 30'000'000'000}}, {"cache", {1, 5'000'000}}};
  report.transfers[1].names_from = "/mnt/old";
  const std::string text = transfer_text(report);
  CHECK(text.find("30.00 GB from /mnt/old, 5.00 MB from other repos here") != std::string::npos);
  const Json json = Json::parse(rendered(render_json, report, ExitCode::refused))["transfers"][1];
  CHECK(json["names_from"] == "/mnt/old");
  CHECK(json["sources"][1] == Json({{"source", "cache"}, {"files", 1}, {"bytes", 5'000'000}}));
}

TEST_CASE("a path of a pull that is no UTF-8 is there exactly") {
  Report report = three();
  report.transfers[1].left[0].path = "\xff";
  const Json left =
      Json::parse(rendered(render_json, report, ExitCode::refused))["transfers"][1]["left"][0];
  CHECK(left["path"] == "\xef\xbf\xbd");
  CHECK(left["path_b64"] == "/w==");
}

TEST_CASE("ndjson has a line a transfer, and progress that says whose it is") {
  std::istringstream stream(rendered(render_ndjson, three(), ExitCode::refused));
  std::vector<std::string> types;
  for (std::string line; std::getline(stream, line);)
    types.push_back(Json::parse(line)["type"]);
  CHECK(types == std::vector<std::string>{"start", "repo", "repo", "transfer", "transfer",
                                          "transfer", "end"});

  ProgressEvent event{1, 2, 3, 4, 5.5};
  const auto line_of = [&event] {
    std::string line;
    render_progress(event, [&line](std::string_view piece) { line += piece; });
    return Json::parse(line);
  };
  CHECK(line_of() ==
        Json::parse(
            R"({"type": "progress", "files": 1, "files_total": 2, "bytes": 3, "bytes_total": 4,
      "seconds": 5.5})"));
  event.repo = RepoId{RepoType::dataset, "acme/d"};
  event.step = "wait";
  event.received = 6;
  event.note = "Hub returned 503; retrying in 11 s";
  CHECK(
      line_of() ==
      Json::parse(
          R"({"type": "progress", "repo": "datasets/acme/d", "repo_id": "acme/d", "repo_type": "dataset", "step": "wait",
      "files": 1, "files_total": 2, "bytes": 3, "bytes_total": 4, "received": 6, "seconds": 5.5,
      "note": "Hub returned 503; retrying in 11 s"})"));
}

TEST_CASE("the report of a pull is read back for a merge") {
  for (const Renderer render : {Renderer{render_json}, Renderer{render_ndjson}}) {
    const auto past = read_report("f", rendered(render, three(), ExitCode::refused));
    REQUIRE(past);
    CHECK(past->report.command == "pull");
    CHECK(past->report.repos.size() == 2);
    CHECK(past->exit_code == ExitCode::refused);
  }
}
