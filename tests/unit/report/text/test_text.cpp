#include "catch_any.hpp"

#include <algorithm>

#include "base/terminal_text.hpp"
#include "hfaudit/render.hpp"
#include "report_values.hpp"

using namespace hfaudit;
using test::commit, test::finding_of, test::has;

namespace {

RepoReport repo_of(const std::string& id, Verdict verdict, Amount bytes = {1'200'000, 1'200'000}) {
  return test::repo_of(id, verdict, bytes);
}

// The story: five of six shards are partial, beside healthy repos.
Report story(std::size_t healthy) {
  Report report;
  report.hf_home = "/data/hf";
  report.hub_cache = "/data/hf/hub";
  report.scanned = {{"hub", "/data/hf/hub", "HF_HOME", true},
                    {"xet", "/data/hf/xet", "HF_HOME", true},
                    {"assets", "/data/hf/assets", "HF_HOME", false},
                    {"token", "/run/tok", "HF_TOKEN_PATH", true}};
  for (std::size_t i = 0; i < healthy; ++i) {
    report.repos.push_back(repo_of("acme/ok" + std::to_string(i), Verdict::complete));
  }
  report.repos.push_back(
      repo_of("acme/six", Verdict::incomplete, {10'410'000'000, 62'460'000'000}));
  report.repos.back().revisions[0].files = {8, 13};
  report.repos.back().revisions[0].missing = {"model-00002-of-00006.safetensors",
                                              "model-00003-of-00006.safetensors"};
  for (int i = 2; i <= 6; ++i) {
    const std::string shard = "model-0000" + std::to_string(i) + "-of-00006.safetensors";
    report.findings.push_back(
        finding_of(FindingId::incomplete_download, "acme/six",
                   "hub/models--acme--six/blobs/" + std::to_string(i) + ".incomplete",
                   shard + " is only partly here"));
  }
  report.bytes_present = 10'410'000'000;
  report.bytes_missing = 52'050'000'000;
  return report;
}

std::string text_of(const Report& report, TextStyle style = {}, ExitCode code = ExitCode::damage) {
  std::string text;
  render_text(report, style, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a missing shard's name is escaped at every width") {
  Report report = story(0);
  report.repos.back().revisions[0].missing = {"a and \x1b]0;x\x07-00001-of-00002.safetensors"};
  TextStyle style;
  for (style.width = 40; style.width < 140; ++style.width) {
    const auto text = text_of(report, style);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\x07') == std::string::npos);
  }
}

TEST_CASE("the text report of the story, whole") {
  CHECK(text_of(story(1)) ==
        R"(Cache: /data/hf/hub (from HF_HOME); also xet, token /run/tok (from HF_TOKEN_PATH)

incomplete  acme/six  10.41 GB of 62.46 GB  16%  missing model-00002-of-00006.safetensors and 4 more
complete    acme/ok0               1.20 MB

error    acme/six  model-00002-of-00006.safetensors is only partly here [incomplete-download]
         and 4 more like it
         run: hfaudit repair acme/six

damaged: 2 repos (1 incomplete, 1 complete); 5 errors; 10.41 GB here, 52.05 GB missing; 0 ms
)");
}

TEST_CASE("healthy repos are listed while they are few, else counted, and with -v listed") {
  CHECK(has(text_of(story(20)), "complete    acme/ok19"));
  const std::string many = text_of(story(1994));
  CHECK_FALSE(has(many, "acme/ok0"));
  CHECK(has(many, "\n1,994 complete (-v lists them)\n"));
  CHECK(has(many, "incomplete  acme/six"));
  CHECK(has(text_of(story(1994), {false, 0, 1}), "complete    acme/ok1993"));
}

TEST_CASE("quiet prints the damage, and nothing where all is well") {
  Report report = story(3);
  report.findings.push_back(
      finding_of(FindingId::orphan_partial, "acme/ok0", "hub/p", "of no use"));
  const std::string text = text_of(report, {false, 0, -1});
  CHECK(text.starts_with("incomplete  acme/six"));
  CHECK_FALSE(has(text, "acme/ok0"));
  CHECK_FALSE(has(text, "Cache:"));
  CHECK(has(text, "\ndamaged: "));

  report.repos.pop_back();
  report.findings.clear();
  CHECK(text_of(report, {false, 0, -1}, ExitCode::ok).empty());
}

TEST_CASE("verbose shows every finding by itself, with its place, and places that are not there") {
  const std::string text = text_of(story(1), {false, 0, 1});
  for (int i = 2; i <= 6; ++i)
    CHECK(has(text, "blobs/" + std::to_string(i) + ".incomplete"));
  CHECK_FALSE(has(text, "more like it"));
  CHECK(has(text, "Scanned assets /data/hf/assets (from HF_HOME, not there)"));
}

TEST_CASE("a command that mends several findings of a repo is said once, below the last") {
  Report report = story(0);
  report.findings.push_back(
      finding_of(FindingId::missing_shard, "acme/six", "hub/s", "a shard is absent"));
  const std::string text = text_of(report);
  const std::size_t first = text.find("run: hfaudit repair");
  CHECK(first > text.find("[missing-shard]"));
  CHECK(text.find("run: ", first + 1) == std::string::npos);
}

TEST_CASE("the same warning in many repos is shown for a few and counted for the rest") {
  Report report = story(0);
  for (int i = 0; i < 12; ++i) {
    report.findings.push_back(
        finding_of(FindingId::orphan_partial, "acme/r" + std::to_string(i), "hub/p", "of no use"));
    report.findings.back().bytes = 1'000'000;
  }
  CHECK(has(text_of(report), "warning  acme/r4"));
  CHECK_FALSE(has(text_of(report), "acme/r5"));
  CHECK(has(text_of(report), "warning  7 more orphan-partial, 7.00 MB"));
  CHECK(has(text_of(report, {false, 0, 1}), "warning  acme/r11"));
}

TEST_CASE("information is counted, not listed") {
  Report report = story(0);
  for (int i = 0; i < 1200; ++i) {
    report.findings.push_back(
        finding_of(FindingId::orphan_blob, "acme/r" + std::to_string(i), "hub/blobs", "blob"));
    report.findings.back().severity = Severity::info;
  }
  const std::string text = text_of(report);
  CHECK(has(text, "info     1,200 orphan-blob"));
  CHECK_FALSE(has(text, "acme/r0"));
}

TEST_CASE("idle locks are left out without -v, and out of the sum too") {
  Report report = story(0);
  report.findings.push_back(
      finding_of(FindingId::idle_lock, "acme/ok0", "hub/.locks", "3 lock files"));
  CHECK_FALSE(has(text_of(report), "lock"));
  CHECK(has(text_of(report), "; 5 errors;"));
  CHECK(has(text_of(report, {false, 0, 1}), "acme/ok0  3 lock files"));
  CHECK(has(text_of(report, {false, 0, 1}), "; 5 errors, 1 info;"));
}

TEST_CASE(
    "what could not be looked at stands before everything else, and makes the verdict unknown") {
  Report report = story(1);
  report.unreadable = {{"hub/models--acme--x", "open", "Permission denied"}};
  const std::string text = text_of(report, {}, ExitCode::incomplete);
  CHECK(has(text, "  hub/models--acme--x  open: Permission denied\n"));
  CHECK(text.find("Not everything") < text.find("incomplete  acme/six"));
  CHECK(has(text, "\nunknown: "));
  CHECK_FALSE(has(text, "\ndamaged"));
}

TEST_CASE("an interrupted report says so") {
  CHECK(has(text_of(story(1), {}, ExitCode::interrupted), "\ninterrupted; damaged so far: "));
  Report pull = story(1);
  pull.command = "pull";
  CHECK(has(text_of(pull, {}, ExitCode::interrupted),
            "\ninterrupted; damaged so far (run the same command again to resume): "));
}

TEST_CASE("a revision is named where it is not the only one and main") {
  const auto line = [](RepoReport repo) {
    Report report;
    report.repos = {std::move(repo)};
    return text_of(report);
  };
  RepoReport repo = repo_of("acme/six", Verdict::incomplete);
  CHECK(has(line(repo), "acme/six  "));
  repo.revisions[0].refs = {"refs/pr/1"};
  CHECK(has(line(repo), "acme/six@refs/pr/1 "));
  repo.revisions[0].refs = {};
  CHECK(has(line(repo), "acme/six@01234567 "));
  repo.revisions[0].refs = {"main"};
  repo.revisions.push_back(repo.revisions[0]);
  CHECK(has(line(repo), "acme/six@main "));
  repo.repo.type = RepoType::dataset;
  CHECK(has(line(repo), "datasets/acme/six@main "));
}

TEST_CASE("a percentage is never 100 while anything is missing") {
  Report report;
  report.repos = {repo_of("acme/six", Verdict::incomplete, {99'999'999, 100'000'000})};
  CHECK(has(text_of(report), "  99%"));
  report.repos[0].bytes = {5, std::nullopt};
  CHECK_FALSE(has(text_of(report), "%"));
  report.repos[0].bytes = {0, 0};
  CHECK_FALSE(has(text_of(report), "%"));
}

TEST_CASE("on a terminal lines fit the width, but for commands; in a log nothing is cut") {
  Report report = story(3);
  report.repos.push_back(repo_of("acme/" + std::string(90, 'x'), Verdict::corrupt));
  std::string message = "stopped at 15.07 MB of 60.00 MB";
  for (int i = 0; i < 20; ++i)
    message += " and so on";
  report.findings.push_back(
      finding_of(FindingId::truncated_file, "acme/" + std::string(90, 'x'), "hub/y", message));
  for (const unsigned width : {64U, 80U, 120U, 200U}) {
    for (const std::string& line : lines_of(text_of(report, {false, width, 0}))) {
      CAPTURE(width, line);
      CHECK((has(line, "run: ") || columns_of(line) <= width));
    }
  }
  CHECK(has(text_of(report), std::string(90, 'x')));
  CHECK_FALSE(has(text_of(report), "…"));
}

TEST_CASE("a finding is broken between words, and no part of it is left out") {
  Report report = story(0);
  report.findings = {finding_of(FindingId::missing_file, "acme/six", "hub/x",
                                "b.safetensors stopped at 15.07 MB of 60.00 MB")};
  CHECK(has(text_of(report, {false, 50, 0}),
            "error    acme/six  b.safetensors stopped at 15.07\n"
            "         MB of 60.00 MB [missing-file]\n"));
  const std::string name(300, 'm');
  report.findings[0].message = name + " is missing";
  const std::string indent = "\n" + std::string(9, ' ');
  std::string divided;
  for (std::size_t at = 0; at < name.size(); at += 41)
    divided += indent + name.substr(at, 41);
  CHECK(has(text_of(report, {false, 50, 0}), "error    acme/six  " + divided + " is missing"));
}

TEST_CASE("colours only where asked for, and the same words under them") {
  Report report = story(2);
  CHECK_FALSE(has(text_of(report), "\x1b"));
  std::string colored = text_of(report, {true, 0, 0});
  CHECK(has(colored, "\x1b[1;31m"));
  for (std::size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  CHECK(colored == text_of(report));
}

TEST_CASE("no byte of a name reaches the terminal raw") {
  const std::string bad = "a\x1b[2J\n\xff\xe2\x80\xae";
  Report report = story(0);
  report.repos.push_back(repo_of(bad, Verdict::corrupt));
  report.repos.back().revisions[0].refs = {bad};
  report.repos.back().revisions[0].missing = {bad};
  report.scanned.push_back({bad, bad, bad, true});
  report.unreadable = {{bad, bad, bad}};
  for (const FindingInfo& info : catalogue())
    report.findings.push_back(finding_of(info.id, bad, bad, bad));
  for (const FindingInfo& info : catalogue())
    report.findings.push_back(finding_of(info.id, "", bad, bad));
  for (const int verbosity : {-1, 0, 1}) {
    const std::string text = text_of(report, {false, 0, verbosity});
    CHECK(is_utf8(text));
    CHECK_FALSE(has(text, "\x1b"));
    CHECK_FALSE(has(text, "\xe2\x80\xae"));
    std::string without_line_ends = text;
    std::erase(without_line_ends, '\n');
    CHECK(printable(without_line_ends) == without_line_ends);
  }
}
