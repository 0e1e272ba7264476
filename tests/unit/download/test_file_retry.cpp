// When a failed file is requested again, and when it is given up.
#include "catch_any.hpp"
#include "download/file_retry.hpp"

using namespace hfaudit;
using namespace std::chrono_literals;

namespace {

constexpr FileRetry::Time first_try = FileRetry::Time{} + 1h;

// The first millisecond after `from` at which a request may begin.
std::chrono::milliseconds pause_after(const FileRetry& retry, FileRetry::Time from) {
  auto pause = 0ms;
  while (!retry.may_request(from + pause) && pause < 1h)
    pause += 1ms;
  return pause;
}

}  // namespace

TEST_CASE("file retry: pauses grow fourfold from a tenth of a second to six") {
  FileRetry retry;
  CHECK((retry.may_request(first_try) && !retry.is_failing()));
  auto now = first_try;
  for (const auto pause : {100ms, 400ms, 1600ms, 6400ms, 6400ms}) {
    REQUIRE(retry.note_failure(now, now, 10, std::nullopt) == FileRetry::Next::retry);
    CHECK(retry.is_failing());
    CHECK(pause_after(retry, now) == pause);
    now += 1min;
  }
}

TEST_CASE("file retry: given up after so many failures without a byte between them") {
  FileRetry retry;
  auto now = first_try;
  for (int round = 0; round < 3; ++round) {
    for (int i = 1; i < 4; ++i, now += 1min)
      CHECK(retry.note_failure(now, now, 4, std::nullopt) == FileRetry::Next::retry);
    retry.note_progress();
    CHECK_FALSE(retry.is_failing());
  }
  for (int i = 1; i < 4; ++i, now += 1min)
    CHECK(retry.note_failure(now, now, 4, std::nullopt) == FileRetry::Next::retry);
  CHECK(retry.note_failure(now, now, 4, std::nullopt) == FileRetry::Next::give_up);
}

TEST_CASE("file retry: requests that ran when one failed count as one failure") {
  FileRetry retry;
  for (int i = 0; i < 20; ++i)
    CHECK(retry.note_failure(first_try + 1s + i * 1ms, first_try, 2, std::nullopt) ==
          FileRetry::Next::retry);
  CHECK(retry.note_failure(first_try + 5s, first_try + 2s, 2, std::nullopt) ==
        FileRetry::Next::give_up);
}

TEST_CASE("file retry: a server that asks to wait is given that time, and more tries") {
  FileRetry retry;
  auto now = first_try;
  for (int i = 1; i < 12; ++i, now += 1min) {
    CAPTURE(i);
    CHECK(retry.note_failure(now, now, 4, 20.0) == FileRetry::Next::retry);
    CHECK(pause_after(retry, now) == 20s);
  }
  CHECK(retry.note_failure(now, now, 4, 20.0) == FileRetry::Next::give_up);

  FileRetry late;  // it asks once more for a request that began before the last failure
  REQUIRE(late.note_failure(first_try + 1s, first_try + 1s, 4, std::nullopt) ==
          FileRetry::Next::retry);
  REQUIRE(late.note_failure(first_try + 2s, first_try, 4, 3.0) == FileRetry::Next::retry);
  CHECK(pause_after(late, first_try + 2s) == 3s);
}
