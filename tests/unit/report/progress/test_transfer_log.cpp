#include "catch_any.hpp"

#include "report/progress/widgets.hpp"

using namespace hfaudit;

namespace {

const RepoId logged_repo{RepoType::model, "acme/six"}, repo_two{RepoType::model, "acme/two"};
constexpr std::uint64_t logged_gigabyte = 1'000'000'000;

// A repo of 10 GB, `gigabytes` of which are there and came over the network.
PullProgress at(double seconds, PullStep step, std::uint64_t gigabytes, RepoId repo = logged_repo) {
  PullProgress progress;
  progress.repo = std::move(repo);
  progress.step = step;
  progress.bytes = gigabytes * logged_gigabyte;
  progress.bytes_total = 10 * logged_gigabyte;
  progress.received = gigabytes * logged_gigabyte;
  progress.seconds = seconds;
  return progress;
}

PullProgress waiting(double seconds, const std::string& note, RepoId repo = logged_repo) {
  PullProgress progress = at(seconds, PullStep::wait, 0, std::move(repo));
  progress.note = note;
  return progress;
}

}  // namespace

TEST_CASE("a log has a line every 30 seconds of a transfer, and one at its end") {
  TransferLog log;
  CHECK(log.take(at(0, PullStep::ask, 0)).empty());
  CHECK(log.take(at(100, PullStep::check, 0)).empty());
  CHECK(log.take(at(101, PullStep::transfer, 0)).empty());
  CHECK(log.take(at(130.9, PullStep::transfer, 2)).empty());
  CHECK(log.take(at(131, PullStep::transfer, 3)) ==
        "  [acme/six] 30.0%  3.00 GB / 10.00 GB  100.0 MB/s\n");
  CHECK(log.take(at(160, PullStep::transfer, 3)).empty());
  CHECK(log.take(at(161, PullStep::transfer, 6)) ==
        "  [acme/six] 60.0%  6.00 GB / 10.00 GB  100.0 MB/s\n");
  CHECK(log.take(at(171, PullStep::check, 10)).empty());
  CHECK(log.take(at(171, PullStep::verify, 1)) ==
        "  [acme/six] 100.0%  10.00 GB / 10.00 GB  400.0 MB/s\n");
  CHECK(log.take(at(300, PullStep::verify, 10)).empty());
  CHECK(log.finish().empty());
}

TEST_CASE("what was there before is no speed, and neither is what other repos got") {
  TransferLog log;
  PullProgress half = at(1, PullStep::transfer, 5);
  half.received = 0;
  CHECK(log.take(half).empty());
  half.seconds = 31;
  CHECK(log.take(half) == "  [acme/six] 50.0%  5.00 GB / 10.00 GB  0.0 MB/s\n");
  CHECK(log.take(at(32, PullStep::ask, 0, repo_two)) ==
        "  [acme/six] 50.0%  5.00 GB / 10.00 GB  0.0 MB/s\n");
  PullProgress two = at(32, PullStep::transfer, 0, repo_two);
  CHECK(log.take(two).empty());
  two.received = 3 * logged_gigabyte;
  two.seconds = 62;
  CHECK(log.take(two) == "  [acme/two] 0.0%  0.00 GB / 10.00 GB  100.0 MB/s\n");
}

TEST_CASE("that a repo waits is said when it begins to, once") {
  TransferLog log;
  CHECK(log.take(at(0, PullStep::transfer, 0)).empty());
  CHECK(log.take(waiting(1, "Hub returned 503; retrying in 10 s")) ==
        "  [acme/six] Hub returned 503; retrying in 10 s\n");
  CHECK(log.take(waiting(2, "Hub returned 503; retrying in 9 s")).empty());
  // the other's turn is no end of this one
  CHECK(log.take(at(3, PullStep::ask, 0, repo_two)).empty());
  CHECK(log.take(waiting(4, "Hub returned 503; retrying in 7 s")).empty());
  CHECK(log.take(at(90, PullStep::transfer, 0)).empty());
  CHECK(log.take(waiting(91, "no answer; retrying in 30 s")) ==
        "  [acme/six] no answer; retrying in 30 s\n");
  CHECK(log.finish() == "  [acme/six] 0.0%  0.00 GB / 10.00 GB  0.0 MB/s\n");
  CHECK(log.finish().empty());
}

TEST_CASE("a repo that waits for another client says so now and then, not each second") {
  TransferLog log;
  const auto at_second = [&log](double seconds) {
    auto text = log.take(at(seconds, PullStep::check, 0));
    return text +
           log.take(waiting(seconds + 0.1, "process 7 is downloading a.bin; retrying in 1 s"));
  };
  const std::string line = "  [acme/six] process 7 is downloading a.bin; retrying in 1 s\n";
  CHECK(at_second(1) == line);
  for (int second = 2; second < 31; ++second)
    CHECK(at_second(second).empty());
  CHECK(at_second(32) == line);
}

TEST_CASE("what the Hub asks to wait for in the middle of a transfer is said once") {
  TransferLog log;
  PullProgress progress = at(1, PullStep::transfer, 0);
  progress.note = "the Hub asks to wait 20 s";
  CHECK(log.take(progress) == "  [acme/six] the Hub asks to wait 20 s\n");
  progress.note = "the Hub asks to wait 19 s";
  progress.seconds = 2;
  CHECK(log.take(progress).empty());
  progress.seconds = 31;
  CHECK(log.take(progress) == "  [acme/six] 0.0%  0.00 GB / 10.00 GB  0.0 MB/s\n");
}

TEST_CASE("a repo that is over within a moment has one line, one that had all of it has none") {
  TransferLog log;
  CHECK(log.take(at(1, PullStep::check, 0)).empty());
  CHECK(log.take(at(1, PullStep::transfer, 0)).empty());
  CHECK(log.take(at(1.5, PullStep::transfer, 10)).empty());
  CHECK(log.finish() == "  [acme/six] 100.0%  10.00 GB / 10.00 GB  20000.0 MB/s\n");
  TransferLog once;
  CHECK(once.take(at(1, PullStep::check, 0)).empty());
  CHECK(once.take(at(1.5, PullStep::transfer, 10)).empty());
  CHECK(once.finish() == "  [acme/six] 100.0%  10.00 GB / 10.00 GB  20000.0 MB/s\n");
  TransferLog other;
  CHECK(other.take(at(1, PullStep::check, 10)).empty());
  CHECK(other.take(at(2, PullStep::verify, 10)).empty());
  CHECK(other.finish().empty());
}

TEST_CASE("a block is drawn over itself, in one piece, and leaves nothing") {
  ScreenBlock block;
  CHECK(block.wipe(80).empty());
  CHECK(block.draw({"one", "two"}, 80) == "one\x1b[K\r\ntwo\x1b[J");
  CHECK(block.draw({"three"}, 80) == "\r\x1b[1Athree\x1b[J");
  CHECK(block.draw({"a", "b", "c"}, 80) == "\ra\x1b[K\r\nb\x1b[K\r\nc\x1b[J");
  CHECK(block.wipe(80) == "\r\x1b[2A\x1b[J");
  CHECK(block.wipe(80).empty());
}

TEST_CASE("lines that a narrower terminal has broken are drawn over too") {
  ScreenBlock block;
  (void)block.draw({std::string(79, 'x'), "short"}, 80);
  CHECK(block.draw({"y"}, 40) == "\r\x1b[2Ay\x1b[J");
  (void)block.draw({std::string(79, 'x')}, 80);
  CHECK(block.wipe(20) == "\r\x1b[3A\x1b[J");
  (void)block.draw({"a", ""}, 0);
  CHECK(block.wipe(0) == "\r\x1b[1A\x1b[J");
}
