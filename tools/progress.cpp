#include "progress.hpp"

#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "hfaudit/render.hpp"
#include "os/output.hpp"
#include "report/progress/widgets.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {
namespace {

using os::standard_error;

}  // namespace

double Speed::update(std::uint64_t bytes, double seconds) {
  // Another verify of a repair begins anew; parts of a file that are read again count less.
  if (seconds < seconds_ || bytes < bytes_) {
    bytes_ = bytes;
    seconds_ = seconds;
    return speed_;
  }
  const double passed = seconds - seconds_;
  constexpr double least_s = 0.05, memory_s = 5;  // seconds
  if (passed < least_s) return speed_;
  const double now = static_cast<double>(bytes - bytes_) / passed;
  // at first the average of all
  const double weight = std::max(1 - std::exp(-passed / memory_s), passed / seconds);
  speed_ += weight * (now - speed_);
  bytes_ = bytes;
  seconds_ = seconds;
  return speed_;
}

std::string progress_text(std::uint64_t bytes, std::uint64_t total, double speed) {
  const double share = total == 0 ? 1 : static_cast<double>(bytes) / static_cast<double>(total);
  // Rounded down: 100.0% means that all of it is done.
  auto text = formatted("{:.1f}%  {} / {}", std::floor(share * 1000) / 10, human_bytes(bytes),
                        human_bytes(total));
  if (speed >= 1) {
    text += formatted("  {}/s", human_bytes(static_cast<std::uint64_t>(speed)));
    if (bytes < total) text += time_left(static_cast<double>(total - bytes) / speed);
  }
  return text;
}

ProgressDisplay::ProgressDisplay(bool silent)
    : silent_(silent), terminal_(draws_bars()), tab_(silent) {
  constexpr auto first_delay = std::chrono::milliseconds(300),
                 now_and_then = std::chrono::milliseconds(30'000);
  next_ = Clock::now() + (terminal_ ? first_delay : now_and_then);
}

ProgressDisplay::~ProgressDisplay() {
  if (drawn_) os::write_if_ready(os::standard_error, "\r\x1b[K");
}

void ProgressDisplay::show(std::uint64_t bytes, std::uint64_t total, double seconds) {
  const double speed = speed_.update(bytes, seconds);
  const auto now = Clock::now();
  if (silent_ || now < next_) return;
  const auto text = progress_text(std::min(bytes, total), total, speed);
  if (terminal_) {
    next_ = now + std::chrono::milliseconds(200);
    draw(text,
         total == 0 ? 1 : static_cast<double>(std::min(bytes, total)) / static_cast<double>(total));
  } else {
    next_ = now + std::chrono::seconds(30);
    os::write_if_ready(os::standard_error, "  " + text + "\n");
  }
}

void ProgressDisplay::draw(const std::string& text, double share) {
  constexpr std::size_t widest_bar = 40, narrowest_bar = 5;
  const std::size_t columns = os::terminal_columns(standard_error);
  std::string line = text;
  end_status();
  if (columns > text.size() + narrowest_bar + 4) {
    const auto width = std::min(widest_bar, columns - text.size() - 4);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    line = "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + text;
  } else if (columns > 1) {
    line.resize(std::min(line.size(), columns - 1));
  }
  os::write_if_ready(os::standard_error, "\r" + line + "\x1b[K");
  tab_.show(share);
  drawn_ = true;
}

ProgressEvent event_of(const VerifyProgress& progress) {
  return {progress.files, progress.files_total, progress.bytes, progress.bytes_total,
          progress.seconds};
}

}  // namespace hfaudit::cli
