// How far a long command has come, on standard error: a bar on a terminal, a line every 30 seconds
// in a log.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "hfaudit/render.hpp"
#include "hfaudit/verify.hpp"
#include "terminal_progress.hpp"

namespace hfaudit::cli {

// How fast it is now: an average in which the last few seconds count most.
class Speed {
 public:
  // `bytes` done so far after `seconds`; bytes per second. Either may fall back: the speed stays.
  double update(std::uint64_t bytes, double seconds);

 private:
  std::uint64_t bytes_ = 0;
  double seconds_ = 0, speed_ = 0;
};

// "47.3% 10.41 GB / 22.02 GB 18.4 MB/s 10 min left": the text of all of them.
[[nodiscard]] std::string progress_text(std::uint64_t bytes, std::uint64_t total, double speed);

class ProgressDisplay {
 public:
  explicit ProgressDisplay(bool silent);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();  // wipes the bar

  // May be called often: draws a few times a second at most.
  void show(std::uint64_t bytes, std::uint64_t total, double seconds);

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& text, double share);

  bool silent_, terminal_;
  bool drawn_ = false;
  Speed speed_;
  Clock::time_point next_;
  TerminalProgress tab_;
};

// For --format ndjson.
[[nodiscard]] ProgressEvent event_of(const VerifyProgress& progress);

}  // namespace hfaudit::cli
