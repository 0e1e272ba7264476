// Work that is repeated at most once per interval. Pure: the time is a parameter.
#pragma once

#include <chrono>

namespace hfaudit {

class Interval {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Interval(std::chrono::milliseconds length, Time start) : length_(length), last_(start) {}

  // True once per interval; the next one begins at `now`.
  [[nodiscard]] bool is_due(Time now) {
    if (now - last_ < length_) return false;
    last_ = now;
    return true;
  }

 private:
  std::chrono::milliseconds length_;
  Time last_;
};

}  // namespace hfaudit
