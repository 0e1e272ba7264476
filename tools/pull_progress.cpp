#include "pull_progress.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "base/numbers.hpp"
#include "os/output.hpp"
#include "os/unix_time.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {

// A log has the time before each line: which hour of the night it was.
std::string with_time(std::string_view lines) {
  const std::string time = utc(unix_time_s());
  std::string text;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size() - 1) + 1;
    text.append(time).append(lines.substr(0, end));
    lines.remove_prefix(end);
  }
  return text;
}

namespace {

void write(const std::string& text) {
  if (text.empty()) return;
  os::write_if_ready(os::standard_error, text);
}

}  // namespace

PullDisplay::PullDisplay(bool silent, bool offline)
    : silent_(silent),
      offline_(offline),
      terminal_(draws_bars()),
      next_(Clock::now() + std::chrono::milliseconds(300)),
      tab_(silent) {}

PullDisplay::~PullDisplay() {
  if (silent_) return;
  write(terminal_ ? block_.wipe(os::terminal_columns(os::standard_error))
                  : with_time(log_.finish()));
}

void PullDisplay::show(const PullProgress& progress) {
  if (silent_) return;
  if (terminal_) {
    draw(progress);
  } else {
    write(with_time(log_.take(progress)));
  }
}

void PullDisplay::draw(const PullProgress& progress) {
  const double speed = speed_.update(progress.received, progress.seconds);
  const auto now = Clock::now();
  if (progress.step == PullStep::ask)
    set_status(offline_ ? "asking the sources" : "asking the Hub");
  if (now < next_) return;
  end_status();
  next_ = now + std::chrono::milliseconds(200);
  // Asked each time: it may have been resized. The last column stays free, since what a terminal
  // does after a character there differs; and the last row, where the cursor would stand.
  const unsigned columns = os::terminal_columns(os::standard_error),
                 rows = os::terminal_rows(os::standard_error);
  constexpr unsigned usual_rows = 24;
  const unsigned fit = columns == 0 ? 0 : std::max(columns - 1, 1U);
  const unsigned high = std::max((rows == 0 ? usual_rows : rows) - 1, 1U);
  write(block_.draw(transfer_bars(progress, speed, fit, high), columns));
  tab_.show(progress.bytes_total == 0
                ? -1
                : static_cast<double>(progress.bytes) / static_cast<double>(progress.bytes_total));
}

ProgressEvent event_of(const PullProgress& progress) {
  ProgressEvent event{progress.files, progress.files_total, progress.bytes, progress.bytes_total,
                      progress.seconds};
  event.repo = progress.repo;
  event.step = to_string(progress.step);
  event.received = progress.received;
  event.note = progress.note;
  return event;
}

}  // namespace hfaudit::cli
