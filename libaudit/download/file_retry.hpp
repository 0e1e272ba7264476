// When the next request for a file may begin, and when the file is given up. Pure: the time is a
// parameter.
#pragma once

#include <chrono>
#include <optional>

namespace hfaudit {

[[nodiscard]] inline std::chrono::steady_clock::time_point after(
    std::chrono::steady_clock::time_point time, double seconds) {
  using Duration = std::chrono::steady_clock::duration;
  return time + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

class FileRetry {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Next : unsigned char { retry, give_up };

  void note_progress() { failures_ = 0; }
  [[nodiscard]] bool may_request(Time now) const { return now >= not_before_; }
  [[nodiscard]] bool is_failing() const { return failures_ != 0; }
  [[nodiscard]] unsigned failures() const { return failures_; }

  // A request failed that began at `began`. A server that goes down ends all requests at once, so
  // one that began before the last failure is left out. `tries`: failures without a byte between
  // them that end a file; more are allowed where the server asks for a delay (`retry_after_s`).
  [[nodiscard]] Next note_failure(Time now, Time began, unsigned tries,
                                  std::optional<double> retry_after_s);

 private:
  unsigned failures_ = 0;  // since the last byte
  Time failed_;            // the last of them
  Time not_before_;
};

}  // namespace hfaudit
