// How many connections are worth having: simulated networks.
#include <functional>

#include "catch_any.hpp"
#include "download/connection_count.hpp"

using namespace hfaudit;
using namespace std::chrono_literals;

namespace {

constexpr ConnectionCount::Time start_time{};

struct Network {
  std::string what;
  std::function<double(std::size_t)> mib_per_s;  // by connections
  double waiting = 1;                            // share of the time
  std::uint64_t queued = 0;
  double stalled = 0;  // share of the connections
  bool all_run = true;
  std::size_t expected = 0;  // after two seconds
};

std::size_t settle(const Network& network, std::size_t first, std::size_t most) {
  constexpr auto step = 10ms;
  ConnectionCount count(first, most, start_time);
  double received = 0;
  auto now = start_time;
  std::size_t highest = first;
  for (int i = 0; i < 200; ++i) {
    now += step;
    received += network.mib_per_s(count.count()) * 1048576 * 0.01;
    count.add_wait(std::chrono::duration_cast<std::chrono::nanoseconds>(step * network.waiting));
    if (!count.is_due(now, 0.01)) continue;
    const auto streams = network.all_run ? count.count() : count.count() - 1;
    const auto stalled = static_cast<std::size_t>(network.stalled * static_cast<double>(streams));
    count.update(now, {static_cast<std::uint64_t>(received), network.queued, streams, stalled});
    highest = std::max(highest, count.count());
    CHECK(highest <= most);
  }
  return count.count();
}

}  // namespace

TEST_CASE("connection count: as many as the network rewards") {
  const auto per_connection = [](std::size_t n) { return 10.0 * static_cast<double>(n); };
  const auto capped = [](std::size_t n) { return std::min(100.0, 20.0 * static_cast<double>(n)); };
  const auto one_fills = [](std::size_t) { return 100.0; };
  for (const auto& row : {
           Network{"each connection has its own limit", per_connection, 1, 0, 0, true, 16},
           Network{"five connections fill it", capped, 1, 0, 0, true, 8},
           Network{"one connection fills it", one_fills, 1, 0, 0, true, 4},
           Network{"hashing takes the time", per_connection, 0.2, 0, 0, true, 4},
           Network{"the disk takes the time", per_connection, 1, 9U << 20U, 0, true, 4},
           Network{"most connections are silent", per_connection, 1, 0, 0.75, true, 4},
           Network{"some of them are silent, as ever", per_connection, 1, 0, 0.5, true, 16},
           Network{"not all of them have work", per_connection, 1, 0, 0, false, 4},
       }) {
    CAPTURE(row.what);
    CHECK(settle(row, 4, 16) == row.expected);
  }
}

TEST_CASE("connection count: never beyond the limit, though doubling would be") {
  const auto per_connection = [](std::size_t n) { return 10.0 * static_cast<double>(n); };
  CHECK(settle({"", per_connection}, 4, 12) == 12);
  CHECK(settle({"", per_connection}, 1, 1) == 1);
}

TEST_CASE("connection count: measures for 30 ms and four round trips, before a trial as in it") {
  ConnectionCount count(4, 16, start_time);
  CHECK_FALSE(count.is_due(start_time + 29ms, 0));
  CHECK(count.is_due(start_time + 30ms, 0));
  CHECK_FALSE(count.is_due(start_time + 399ms, 0.1));
  count.add_wait(30ms);
  count.update(start_time + 30ms, {1000, 0, 4, 0});
  REQUIRE(count.count() == 8);
  CHECK_FALSE(count.is_due(start_time + 30ms + 399ms, 0.1));
  CHECK(count.is_due(start_time + 30ms + 400ms, 0.1));
  CHECK_FALSE(count.is_due(start_time + 30ms + 29ms, 0));
  CHECK(count.is_due(start_time + 30ms + 30ms, 0));
}

TEST_CASE(
    "connection count: a trial that gained less than a tenth is reverted, and the next one waits 3 "
    "s") {
  struct Row {
    std::uint64_t gained;  // in 100 ms with eight connections; with four it was 1000
    std::size_t count;
  };
  for (const auto& row : {Row{900, 4}, Row{1099, 4}, Row{1101, 16}}) {
    CAPTURE(row.gained);
    ConnectionCount count(4, 32, start_time);
    count.add_wait(100ms);
    count.update(start_time + 100ms, {1000, 0, 4, 0});
    REQUIRE(count.count() == 8);
    count.add_wait(100ms);
    count.update(start_time + 200ms, {1000 + row.gained, 0, 8, 0});
    CHECK(count.count() == row.count);
    if (row.count != 4) continue;
    auto received = 1000 + row.gained;
    for (auto now = start_time + 300ms; now < start_time + 3200ms; now += 100ms) {
      count.add_wait(100ms);
      count.update(now, {received += 1000, 0, 4, 0});
      CHECK(count.count() == 4);
    }
    count.add_wait(100ms);
    count.update(start_time + 3200ms, {received + 1000, 0, 4, 0});
    CHECK(count.count() == 8);
  }
}
