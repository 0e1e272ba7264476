// The time since the epoch, as files and servers count it.
#pragma once

#include <chrono>
#include <cstdint>

namespace hfaudit {

[[nodiscard]] inline std::int64_t unix_time_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

[[nodiscard]] inline std::int64_t unix_time_s() {
  return unix_time_ns() / 1'000'000'000;
}

// With the fraction.
[[nodiscard]] inline double precise_unix_time_s() {
  constexpr double billion = 1e9;
  return static_cast<double>(unix_time_ns()) / billion;
}

}  // namespace hfaudit
