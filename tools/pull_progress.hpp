// How far a download has come, on standard error: bars on a terminal, a line every 30 seconds in a
// log. Their texts are made in report/progress/widgets.hpp.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "hfaudit/pull.hpp"
#include "hfaudit/render.hpp"
#include "progress.hpp"
#include "report/progress/widgets.hpp"

namespace hfaudit::cli {

// The lines of a log, the time in UTC before each.
[[nodiscard]] std::string with_time(std::string_view lines);

class PullDisplay {
 public:
  explicit PullDisplay(bool silent, bool offline = false);
  PullDisplay(const PullDisplay&) = delete;
  PullDisplay& operator=(const PullDisplay&) = delete;
  ~PullDisplay();  // wipes the bars, ends the log

  // May be called often: draws a few times a second at most.
  void show(const PullProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const PullProgress& progress);

  bool silent_, offline_, terminal_;
  Clock::time_point next_;
  TransferLog log_;
  ScreenBlock block_;
  Speed speed_;
  TerminalProgress tab_;
};

// For --format ndjson.
[[nodiscard]] ProgressEvent event_of(const PullProgress& progress);

}  // namespace hfaudit::cli
