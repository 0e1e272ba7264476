#include "catch_any.hpp"

#include "base/terminal_text.hpp"
#include "hfaudit/render.hpp"
#include "report/progress/widgets.hpp"

using namespace hfaudit;

namespace {

const RepoId repo_six{RepoType::model, "acme/six"};
constexpr std::uint64_t gigabyte = 1'000'000'000;

PullProgress at_work(std::size_t files) {
  PullProgress progress;
  progress.repo = repo_six;
  progress.number = 1;
  progress.repos = 1;
  progress.step = PullStep::transfer;
  progress.files = 8;
  progress.files_total = 13;
  progress.bytes = 10'410'000'000;
  progress.bytes_total = 22'020'000'000;
  for (std::size_t i = 0; i < files; ++i)
    progress.running.push_back(
        {"model-0000" + std::to_string(i) + ".safetensors", 1 * gigabyte, 4 * gigabyte});
  return progress;
}

}  // namespace

TEST_CASE("a line of a log is always the same: two spaces, repo, percent, amounts, MB/s") {
  const std::pair<std::string, const char*> rows[] = {
      {transfer_line(repo_six, 10'410'000'000, 22'020'000'000, 18'400'000),
       "  [acme/six] 47.2%  10.41 GB / 22.02 GB  18.4 MB/s"},
      {transfer_line(repo_six, 0, 22'020'000'000, 0),
       "  [acme/six] 0.0%  0.00 GB / 22.02 GB  0.0 MB/s"},
      {transfer_line({RepoType::dataset, "acme/d"}, 5'000'000, 10'000'000, 2e9),
       "  [datasets/acme/d] 50.0%  5.00 MB / 10.00 MB  2000.0 MB/s"},
      {transfer_line(repo_six, 10'410'000'000, std::nullopt, 18'400'000),
       "  [acme/six] 10.41 GB  18.4 MB/s"},
      {transfer_line(repo_six, 5, 5, 1), "  [acme/six] 100.0%  5 B / 5 B  0.0 MB/s"},
      {transfer_line(repo_six, 0, 0, 1), "  [acme/six] 100.0%  0 B / 0 B  0.0 MB/s"},
      {transfer_line(repo_six, 12, 45'600, 1), "  [acme/six] 0.0%  0.01 kB / 45.60 kB  0.0 MB/s"},
      {transfer_line(repo_six, 999'999'999, 1'000'000'000, 1),
       "  [acme/six] 99.9%  1.00 GB / 1.00 GB  0.0 MB/s"},
      {transfer_line({RepoType::model, "a\x1b[2J"}, 0, 1, -5),
       "  [a\\x1b[2J] 0.0%  0 B / 1 B  0.0 MB/s"},
  };
  for (const auto& [line, wanted] : rows)
    CHECK(line == wanted);
}

TEST_CASE("100.0% is said when all is there and not a byte before") {
  for (const std::uint64_t total :
       {gigabyte, 7 * gigabyte, std::uint64_t{1} << 60U, (std::uint64_t{1} << 62U) + 1}) {
    CAPTURE(total);
    CHECK(transfer_line(repo_six, total - 1, total, 0).starts_with("  [acme/six] 99.9%"));
    CHECK(transfer_line(repo_six, total, total, 0).starts_with("  [acme/six] 100.0%"));
    // a listing that shrank
    CHECK(transfer_line(repo_six, total + 1, total, 0).starts_with("  [acme/six] 100.0%"));
  }
}

TEST_CASE("what is waited for is one line") {
  CHECK(waiting_line(repo_six, "Hub returned 503; retrying in 11 s\n") ==
        "  [acme/six] Hub returned 503; retrying in 11 s\\n");
  CHECK(waiting_line(repo_six, "the Hub asks to wait 30 s") ==
        "  [acme/six] the Hub asks to wait 30 s");
}

TEST_CASE("bars: whose it is, a line a running file, and the whole at the end") {
  const auto lines = transfer_bars(at_work(2), 18'400'000, 100, 24);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "acme/six  8 of 13 files");
  CHECK(lines[1] == "  [#####...............]  25.0%  4.00 GB    model-00000.safetensors");
  CHECK(lines[3] ==
        "[##################......................] 47.2%  10.41 GB / 22.02 GB  18.40 MB/s  11 min "
        "left");

  PullProgress of_three = at_work(0);
  of_three.number = 2;
  of_three.repos = 3;
  CHECK(transfer_bars(of_three, 0, 100, 24).front() == "acme/six (2 of 3)  8 of 13 files");
  CHECK(transfer_bars(of_three, 0, 100, 24).back().ends_with("47.2%  10.41 GB / 22.02 GB"));
}

TEST_CASE("bars take no more rows and columns than there are") {
  for (const unsigned columns : {1U, 2U, 10U, 20U, 40U, 79U, 80U, 200U}) {
    for (const unsigned rows : {1U, 2U, 3U, 4U, 10U, 24U}) {
      for (const PullStep step :
           {PullStep::ask, PullStep::check, PullStep::transfer, PullStep::wait, PullStep::verify}) {
        PullProgress progress = at_work(12);
        progress.step = step;
        progress.note = "Hub returned 503, in many words; retrying in 300 s";
        progress.running[3].path = std::string(200, 'x') + "模型.safetensors";
        const auto lines = transfer_bars(progress, 1e9, columns, rows);
        CAPTURE(columns, rows, lines);
        CHECK(lines.size() <= rows);
        for (const std::string& line : lines)
          CHECK(columns_of(line) <= columns);
      }
    }
  }
}

TEST_CASE("where there is little room the numbers that matter most are left") {
  const auto last = [](unsigned columns) {
    return transfer_bars(at_work(0), 18'400'000, columns, 24).back();
  };
  CHECK(last(60) == "[##....] 47.2%  10.41 GB / 22.02 GB  18.40 MB/s  11 min left");
  CHECK(last(50) == "[####.....] 47.2%  10.41 GB / 22.02 GB  18.40 MB/s");
  CHECK(last(30) == "47.2%  10.41 GB / 22.02 GB");
  CHECK(last(10) == "47.2%");
}

TEST_CASE("of more files than fit it is said how many there are") {
  const auto lines = transfer_bars(at_work(12), 1e9, 80, 10);
  REQUIRE(lines.size() == 10);
  CHECK(lines[7].ends_with("model-00006.safetensors"));
  CHECK(lines[8] == "  and 5 more");
  CHECK(transfer_bars(at_work(8), 1e9, 80, 10).size() == 10);
}

TEST_CASE("what is done where nothing is transferred is said") {
  PullProgress progress = at_work(0);
  const auto last = [&progress] { return transfer_bars(progress, 1e9, 120, 24).back(); };
  progress.step = PullStep::ask;
  CHECK(last() == "acme/six: asking the Hub");
  progress.step = PullStep::check;
  CHECK(last().ends_with("  checking what is here"));
  progress.step = PullStep::verify;
  CHECK(last().ends_with("  verifying"));
  progress.step = PullStep::wait;
  progress.note = "Hub returned 503; retrying in 11 s";
  CHECK(transfer_bars(progress, 0, 120, 24).front() ==
        "acme/six: Hub returned 503; retrying in 11 s");
}

TEST_CASE("no byte of a name reaches the terminal raw through a bar") {
  PullProgress progress = at_work(1);
  progress.running[0].path = "a\x1b[2J\n\xff";
  progress.note = "\x1b]0;";
  progress.step = PullStep::wait;
  for (const std::string& line : transfer_bars(progress, 1, 200, 24))
    CHECK(printable(line) == line);
}
