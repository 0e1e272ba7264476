// hfaudit watch: follow a download of whoever, say how far it is, then the verdict.
#include "hfaudit/watch.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/units.hpp"
#include "os/output.hpp"
#include "report/progress/widgets.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int kErrors = 2;  // standard error's descriptor

struct WatchOptions {
  WhatOptions what;
  ReportOptions report;
  WatchRequest how;
  Milliseconds interval{30'000};
};

// The lines: on a terminal one that is drawn anew each second, in a log one at each interval.
class Lines {
 public:
  Lines(bool silent, Milliseconds interval)
      : silent_(silent), terminal_(is_drawn_on()), interval_(interval), next_(Clock::now() + interval) {}
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
  }

  void show(const WatchProgress& progress) {
    if (silent_) return;
    const auto now = Clock::now();
    samples_.push_back({now, progress.bytes});
    if (!terminal_ && now < next_) return;
    const auto line = transfer_line(progress.repo, progress.bytes, progress.bytes_total, rate());
    if (terminal_) return draw(line);
    std::fputs((line + "\n").c_str(), stderr);
    samples_.erase(samples_.begin(), samples_.end() - 1);
    // Not the time of the next look, or the lines come later and later.
    while (next_ <= now)
      next_ += interval_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Sample {
    Clock::time_point when;
    std::uint64_t bytes;
  };

  static bool is_drawn_on() {
    const char* name = std::getenv("TERM");
    return os::is_terminal(kErrors) && name != nullptr && std::string_view(name) != "dumb";
  }

  // Bytes per second since the last line; on a terminal over the last few seconds.
  double rate() {
    constexpr auto kWindow = std::chrono::seconds(5);
    while (terminal_ && samples_.size() > 2 && samples_.back().when - samples_[1].when >= kWindow)
      samples_.pop_front();
    const auto& [since, before] = samples_.front();
    const auto& [until, after] = samples_.back();
    const double seconds = std::chrono::duration<double>(until - since).count();
    return seconds > 0 && after > before ? static_cast<double>(after - before) / seconds : 0;
  }

  void draw(std::string line) {
    const std::size_t columns = os::terminal_columns(kErrors);
    if (columns > 1) line.resize(std::min(line.size(), columns - 1));
    std::fputs(("\r" + line + "\x1b[K").c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
  }

  bool silent_, terminal_, drawn_ = false;
  Milliseconds interval_;
  Clock::time_point next_;
  std::deque<Sample> samples_;
};

int watch(const WatchOptions& options) {
  auto request = request_of(options.what);
  if (request && request->repos.size() != 1 && !request->local_dir) {
    request = failure("watch", request->repos.empty() ? "nothing" : "several repos",
                      "name one REPO, or a folder by --local-dir");
  }
  if (!request) {
    complain(request.error());
    return kUsage;
  }
  const auto stop = catch_signals();
  const auto layout = layout_of(options.what);
  auto how = options.how;
  how.what = *request;
  how.between_looks = std::min(how.between_looks, options.interval);

  LiveEvents events(asked_report("watch", *request, layout), options.report);
  Result<Report> report = [&] {
    Lines lines(options.report.quiet || events.on(), options.interval);
    return hfaudit::watch(
        layout, how,
        [&](const WatchProgress& progress) {
          lines.show(progress);
          events.line([&](const Sink& sink) { render_progress(progress, sink); });
        },
        stop);
  }();
  return end_with(report, options.report, &events);
}

void add_time(CLI::App& command, const std::string& name, Milliseconds& value, Milliseconds least,
              const std::string& help) {
  const auto take = [&value, name, least](const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed || *parsed < least) {
      throw CLI::ValidationError(
          name, printable(text) + " is no time such as 30 or 5m" + (least.count() > 0 ? ", or too short" : ""));
    }
    value = *parsed;
  };
  command.add_option_function<std::string>(name, take, help)->type_name("SECONDS")->take_last();
}

}  // namespace

Run add_watch(CLI::App& program) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App& command =
      *program.add_subcommand("watch", "Say how far somebody's download of a repo is, and then the verdict");
  add_what_options(command, options->what);
  command.get_option("REPO")->description(
      "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…");
  constexpr auto kLeast = Milliseconds(100);
  add_time(command, "--interval", options->interval, kLeast, "Between two lines in a log; 30");
  add_time(command, "--grace", options->how.grace, Milliseconds(0),
           "How long nobody is at work and nothing grows before it is over; 15");
  add_time(command, "--wait", options->how.wait, Milliseconds(0), "How long to wait for somebody to begin; 0");
  add_report_options(command, options->report);
  return [options] { return watch(*options); };
}

}  // namespace hfaudit::cli
