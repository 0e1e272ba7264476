// A limit of bytes per second that many threads share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace hfaudit {

class Pace {
 public:
  explicit Pace(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}  // 0: no limit

  // How long to wait before `bytes` more may be read. Who asked has taken them.
  [[nodiscard]] std::chrono::nanoseconds take(std::uint64_t bytes) {
    if (rate_ == 0) return {};
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const auto start = std::max(next_, now);
    next_ = start + std::chrono::nanoseconds(
                        static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(rate_)));
    return start - now;
  }

 private:
  const std::uint64_t rate_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace hfaudit
