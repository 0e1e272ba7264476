// hfaudit scan: audit, print, exit code.
#include <CLI/CLI.hpp>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>

#include "commands.hpp"
#include "common.hpp"

namespace hfaudit::cli {
namespace {

// What a signal handler may touch.
std::atomic<bool> interrupted{false};
volatile std::sig_atomic_t received = 0;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_signal(int signal) {
  received = signal;
  interrupted.store(true);
  std::signal(signal, SIG_DFL);  // the second one does not wait
}

struct Options {
  WhatOptions what;
  ReportOptions report;
};

// No such cache, an unknown repo: usage. Anything that the system refused is a failure to look.
int code_of(const Error& error) {
  const bool usage = error.code == 0 || error.code == ENOENT || error.code == ENOTDIR;
  return usage ? kUsage : kIncomplete;
}

int scan(const Options& options) {
  const auto request = request_of(options.what);
  if (!request) {
    complain(request.error());
    return kUsage;
  }
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  auto report = audit(layout_of(options.what), *request, &interrupted);
  if (!report) {
    complain(report.error());
    return code_of(report.error());
  }
  report->command = "scan";
  constexpr int kSignalBase = 128;
  const int signal = received;
  const int code = signal == 0 ? exit_code(*report, fail_on_of(options.report)) : kSignalBase + signal;
  return deliver(*report, options.report, code);
}

}  // namespace

Run add_scan(CLI::App& program) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *program.add_subcommand("scan", "Say what is in the cache, and what is wrong where");
  add_what_options(command, options->what);
  add_report_options(command, options->report);
  return [options] { return scan(*options); };
}

}  // namespace hfaudit::cli
