// How many connections are worth having, found by trial. Pure: time and measurements are
// parameters.
//
// If the engine mostly waits for the network the count doubles. If that gains less than a tenth
// within four round trips, the change is reverted and the next trial waits: with few connections
// ranges are longer and stalls cheaper. Where a few connections stall at any time, more of them
// make up for it, and a trial that failed beside a stall is soon repeated.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hfaudit {

struct NetworkLoad {
  std::uint64_t received = 0;  // bytes, since the beginning
  std::uint64_t queued = 0;    // bytes that wait for the disk
  std::size_t streams = 0;     // that run, without hedges
  // of them, those that wait for their server: where most do, more connections are useless
  std::size_t stalled = 0;
};

class ConnectionCount {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ConnectionCount(std::size_t first, std::size_t most, Time now)
      : count_(first), most_(most), measured_(now) {}

  [[nodiscard]] std::size_t count() const { return count_; }

  // The caller waited for the network.
  void add_wait(std::chrono::nanoseconds waited) { waited_ += waited; }
  // Whether update() would decide. `longest_gap_s`: between bytes of one connection, about a round
  // trip.
  [[nodiscard]] bool is_due(Time now, double longest_gap_s) const;
  void update(Time now, const NetworkLoad& load);

 private:
  [[nodiscard]] bool is_on_trial() const { return before_trial_ != 0; }

  std::size_t count_, most_;
  Time measured_;
  std::chrono::nanoseconds waited_{0};
  std::uint64_t received_ = 0;
  std::size_t before_trial_ = 0;  // 0: between trials
  double rate_before_ = 0;        // bytes per second
  Time may_grow_;
};

}  // namespace hfaudit
