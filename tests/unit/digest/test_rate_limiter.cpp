// A limit of bytes per second, for readers that wait and for a network that pauses.
#include "catch_any.hpp"
#include "digest/rate_limiter.hpp"

using namespace hfaudit;
using namespace std::chrono_literals;

namespace {
constexpr RateLimiter::Time start_time = RateLimiter::Time{} + 1h;
}

TEST_CASE("rate limiter: no limit, no wait") {
  RateLimiter limiter(0);
  CHECK(limiter.spend(start_time, 1'000'000'000'000) == 0s);
  CHECK(limiter.allows(start_time));
}

TEST_CASE("rate limiter: each spender waits for those before it") {
  RateLimiter limiter(1000);
  CHECK(limiter.spend(start_time, 500) == 0s);
  CHECK(limiter.spend(start_time, 500) == 500ms);
  CHECK(limiter.spend(start_time + 400ms, 100) == 600ms);
  CHECK(limiter.spend(start_time + 5s, 100) == 0s);  // unused time is lost
  CHECK(limiter.spend(start_time + 5s, 100) == 100ms);
}

TEST_CASE("rate limiter: with a burst, unused time counts up to that") {
  RateLimiter limiter(1000, start_time, 100ms);
  CHECK_FALSE(limiter.allows(start_time));
  CHECK(limiter.allows(start_time + 1ms));
  const auto later = start_time + 10s;
  CHECK(limiter.allows(later));
  limiter.spend(later, 99);
  CHECK(limiter.allows(later));
  limiter.spend(later, 1);
  CHECK_FALSE(limiter.allows(later));
  limiter.spend(later, 500);  // a chunk that was under way
  struct Row {
    std::chrono::milliseconds after;
    bool allowed;
  };
  for (const auto& row : {Row{499ms, false}, Row{500ms, false}, Row{501ms, true}}) {
    CAPTURE(row.after.count());
    CHECK(limiter.allows(later + row.after) == row.allowed);
  }
}

TEST_CASE("rate limiter: over ten seconds the rate is kept whatever the chunks") {
  for (const std::uint64_t chunk : {1U, 1000U, 16384U, 1048576U}) {
    CAPTURE(chunk);
    // A million single bytes, not a hundred million: the sanitizers spent a minute on those.
    const std::uint64_t rate = chunk == 1 ? 100'000 : 10'000'000;
    RateLimiter limiter(rate, start_time, 100ms);
    std::uint64_t spent = 0;
    for (auto now = start_time; now < start_time + 10s; now += 4ms) {
      for (int i = 0; i < 1'000'000 && limiter.allows(now); ++i) {
        limiter.spend(now, chunk);
        spent += chunk;
      }
    }
    CHECK(spent <= 10 * rate + chunk);
    CHECK(spent >= 10 * rate - rate / 100);
  }
}
