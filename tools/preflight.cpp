// hfaudit preflight: the gate before a server's start. Says in a line why not, or becomes the server.
#include "hfaudit/preflight.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "os/program.hpp"
#include "preflight_options.hpp"
#include "pull_progress.hpp"
#include "report/progress/widgets.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

// As env(1) has it.
constexpr int kCannotStart = 126, kNotFound = 127;

// Lines while others download: at once, and then every 30 seconds.
class WaitingLines {
 public:
  explicit WaitingLines(bool silent) : silent_(silent) {}

  void show(const RepoId& repo, std::uint64_t bytes, std::optional<std::uint64_t> total) {
    const auto now = Clock::now();
    if (silent_ || now < next_) return;
    constexpr auto kBetween = std::chrono::seconds(30);
    const double seconds = std::chrono::duration<double>(kBetween).count();
    const double rate = told_ && bytes > last_ ? static_cast<double>(bytes - last_) / seconds : 0;
    std::fputs((transfer_line(repo, bytes, total, rate) + "\n").c_str(), stderr);
    next_ = now + kBetween;
    last_ = bytes;
    told_ = true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool silent_, told_ = false;
  Clock::time_point next_;
  std::uint64_t last_ = 0;
};

int start(const std::vector<std::string>& command) {
  const auto error = os::become_program(command, {ignores_sigpipe()});
  complain(error);
  return error.code == ENOENT ? kNotFound : kCannotStart;
}

int preflight(PreflightOptions options, const std::vector<std::string>& command) {
  auto ready = take_environment(options);
  const auto request = ready ? request_of(options) : tl::unexpected(ready.error());
  if (!request) {
    complain(request.error());
    return kUsage;
  }
  const bool reports = options.report.format != "text" || options.report.output;
  if (reports && options.print_path) {
    complain("--print-path and a report do not go together");
    return kUsage;
  }
  const auto stop = catch_signals();
  const auto layout = layout_of(options.what);
  const Result<PreflightResult> result = [&] {
    WaitingLines waiting(options.report.quiet);
    PullDisplay display(options.report.quiet);
    PreflightEvents events;
    events.waiting = [&](const RepoId& repo, std::uint64_t bytes, std::optional<std::uint64_t> total) {
      waiting.show(repo, bytes, total);
    };
    events.pulling = [&](const PullProgress& progress) { display.show(progress); };
    return hfaudit::preflight(layout, *request, events, stop);
  }();
  if (!result) {
    complain(result.error());
    return code_of(result.error());
  }
  const int code = code_after_signals(result->code);
  for (const auto& admission : result->admissions) {
    if (!admission.note.empty()) complain(admission.note);
    if (!admission.pass && !stop.stop_requested()) complain(admission.why);
  }
  if (reports) {
    if (const int delivered = deliver(result->report, options.report, code); delivered != code) return delivered;
  }
  if (code != 0) return code;
  if (options.print_path) {
    std::string paths;
    for (const auto& admission : result->admissions)
      paths += admission.snapshot + "\n";
    if (const int printed = print(paths); printed != 0) return printed;
  }
  if (command.empty()) return 0;
  release_signals();
  const int late = code_after_signals(0);  // one that came in the last instant
  return late != 0 ? late : start(command);
}

}  // namespace

Run add_preflight(CLI::App& program, std::vector<std::string> command) {
  auto options = std::make_shared<PreflightOptions>();
  CLI::App& parser = *program.add_subcommand("preflight", "Start a command only on models that are really here");
  parser.footer(
      "hfaudit preflight REPO... [-- CMD ARG...]; without CMD it is a readiness check. More in "
      "hfaudit-preflight(1).");
  add_preflight_options(parser, *options);
  return [options, command = std::move(command)] { return preflight(*options, command); };
}

}  // namespace hfaudit::cli
