// A limit of bytes per second. Pure: the time is a parameter. Not thread-safe.
//
// Spent bytes move the time at which the next byte is due; unused time counts for `burst` at most.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hfaudit {

class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // 0 bytes per second: unlimited.
  explicit RateLimiter(std::uint64_t bytes_per_second, Time now = {}, Duration burst = {})
      : rate_(bytes_per_second), burst_(burst), due_(now) {}

  // Whether a byte may be read at `now`.
  [[nodiscard]] bool allows(Time now) const { return rate_ == 0 || due_ < now; }

  // Counts `bytes` as read, and returns how long to wait before reading them.
  Duration spend(Time now, std::uint64_t bytes) {
    if (rate_ == 0) return {};
    const auto start = std::max(due_, now - burst_);
    const double nanoseconds = static_cast<double>(bytes) * 1e9 / static_cast<double>(rate_);
    due_ = start + std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
    return std::max(start - now, Duration{});
  }

 private:
  std::uint64_t rate_;
  Duration burst_;
  Time due_;
};

}  // namespace hfaudit
