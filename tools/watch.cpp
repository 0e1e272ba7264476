// hfaudit watch: the progress of a download by any client, then the verdict.
#include "hfaudit/watch.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "os/output.hpp"
#include "report/progress/widgets.hpp"
#include "requests.hpp"
#include "run_command.hpp"
#include "status_line.hpp"
#include "terminal_progress.hpp"

namespace hfaudit::cli {
namespace {

// The lines: on a terminal one that is drawn anew each second, in a log one at each interval.
class Lines {
 public:
  Lines(bool silent, Milliseconds interval)
      : silent_(silent),
        terminal_(draws_bars()),
        interval_(interval),
        next_(Clock::now() + interval),
        tab_(silent) {}
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    if (drawn_) os::write_if_ready(os::standard_error, "\r\x1b[K");
  }

  void show(const WatchProgress& progress) {
    if (silent_) return;
    const auto now = Clock::now();
    samples_.push_back({now, progress.bytes});
    if (!terminal_ && now < next_) return;
    const auto line = transfer_line(progress.repo, progress.bytes, progress.bytes_total, rate());
    if (terminal_) {
      const auto total = progress.bytes_total.value_or(0);
      tab_.show(total == 0 ? -1 : static_cast<double>(progress.bytes) / static_cast<double>(total));
      return draw(line);
    }
    os::write_if_ready(os::standard_error, line + "\n");
    samples_.erase(samples_.begin(), samples_.end() - 1);
    // Based on the schedule instead of the time of the scan, or the lines come later and later.
    while (next_ <= now)
      next_ += interval_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Sample {
    Clock::time_point when;
    std::uint64_t bytes;
  };

  // Bytes per second since the last line; on a terminal over the last few seconds.
  double rate() {
    constexpr auto speed_window = std::chrono::seconds(5);
    while (terminal_ && samples_.size() > 2 &&
           samples_.back().when - samples_[1].when >= speed_window)
      samples_.pop_front();
    const auto& [since, before] = samples_.front();
    const auto& [until, after] = samples_.back();
    const double seconds = std::chrono::duration<double>(until - since).count();
    return seconds > 0 && after > before ? static_cast<double>(after - before) / seconds : 0;
  }

  void draw(std::string line) {
    const std::size_t columns = os::terminal_columns(os::standard_error);
    end_status();
    if (columns > 1) line.resize(std::min(line.size(), columns - 1));
    os::write_if_ready(os::standard_error, "\r" + line + "\x1b[K");
    drawn_ = true;
  }

  bool silent_, terminal_, drawn_ = false;
  Milliseconds interval_;
  Clock::time_point next_;
  std::deque<Sample> samples_;
  TerminalProgress tab_;
};

Result<WatchRequest> watch_request_of(const Arguments& arguments) {
  auto what = audit_request_of(arguments);
  if (!what) return tl::unexpected<Error>(what.error());
  if (what->repos.size() > 1 || arguments.get<"REPO">().size() > 1)
    return failure("watch", "several repos", "name one REPO, or a folder by --local-dir");
  WatchRequest request;
  request.what = std::move(*what);
  request.grace = arguments.get<"--grace">();
  request.wait = arguments.get<"--wait">();
  request.between_scans = std::min(request.between_scans, arguments.get<"--interval">());
  return request;
}

}  // namespace

ExitCode run_watch(const Arguments& arguments) {
  if (arguments.get<"REPO">().empty() && !arguments.has("--local-dir") &&
      !arguments.has("--locked"))
    return fail("no repo given: hfaudit watch org/name, or --local-dir DIR", ExitCode::usage,
                report_options_of(arguments));
  return run_command(
      arguments, watch_request_of(arguments), [&](const WatchRequest& request, const Run& run) {
        Lines lines(run.silent, arguments.get<"--interval">());
        const auto show = [&](const WatchProgress& progress) {
          lines.show(progress);
          run.events.line([&](const Sink& sink) { render_progress(progress, sink); });
        };
        return hfaudit::watch(run.layout, request, show, run.stop);
      });
}

}  // namespace hfaudit::cli
