// hfaudit scan: audit, print, exit code.
#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "common.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

struct ScanOptions {
  WhatOptions what;
  ReportOptions report;
};

// One repo takes milliseconds, unless the Hub is asked: a thread would be a part of that.
os::StopThread stop_thread(const AuditRequest& request) {
  return request.repos.size() == 1 && !request.online ? os::StopThread::omit : os::StopThread::start;
}

int scan(const ScanOptions& options) {
  const auto request = request_of(options.what);
  if (!request) {
    complain(request.error());
    return kUsage;
  }
  return end_with(audit(layout_of(options.what), *request, catch_signals(stop_thread(*request))), options.report);
}

}  // namespace

Run add_scan(CLI::App& program) {
  auto options = std::make_shared<ScanOptions>();
  CLI::App& command = *program.add_subcommand("scan", "Say what is in the cache, and what is wrong where");
  add_what_options(command, options->what);
  add_report_options(command, options->report);
  return [options] { return scan(*options); };
}

}  // namespace hfaudit::cli
