// hfaudit verify: audit, read the content, print, exit code.
#include "hfaudit/verify.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <random>

#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/units.hpp"
#include "os/output.hpp"
#include "progress.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

struct VerifyOptions {
  WhatOptions what;
  ReportOptions report;
  VerifyRequest how;
};

void add_how_options(CLI::App& command, VerifyRequest& how) {
  const auto take_subset = [&how](const std::string& text) {
    auto subset = parse_subset(text);
    if (!subset) throw CLI::ValidationError("--subset", printable(text) + " is none of n/t, 10%, 50G");
    how.subset = std::move(*subset);
  };
  command
      .add_option_function<std::string>("--subset", take_subset,
                                        "Read the n-th of t even parts, or so much at random")
      ->type_name("n/t|10%|50G")
      ->take_last();
  add_rate(command, how.max_rate, "Read no more than this per second, over all threads");
  const auto take_duration = [&how](const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration)
      throw CLI::ValidationError("--max-duration", printable(text) + " is no duration such as 90s or 2h");
    how.max_duration = *duration;
  };
  command
      .add_option_function<std::string>("--max-duration", take_duration,
                                        "Stop reading after so long; the rest is not proven")
      ->type_name("TIME")
      ->take_last();
}

int verify(const VerifyOptions& options) {
  const auto request = request_of(options.what);
  if (!request) {
    complain(request.error());
    return kUsage;
  }
  const auto stop = catch_signals();
  const auto layout = layout_of(options.what);
  auto how = options.how;
  how.seed = std::random_device{}();

  LiveEvents events(asked_report("verify", *request, layout), options.report);
  Result<Report> report = [&] {
    ProgressDisplay display(options.report.quiet || events.on());
    return hfaudit::verify(
        layout, *request, how,
        [&](const VerifyProgress& progress) {
          display.show(progress.bytes, progress.bytes_total, progress.seconds);
          events.progress(
              {progress.files, progress.files_total, progress.bytes, progress.bytes_total, progress.seconds});
        },
        stop);
  }();
  return end_with(report, options.report, &events);
}

}  // namespace

Run add_verify(CLI::App& program) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = *program.add_subcommand("verify", "Scan, then read the content and prove it by its hashes");
  add_what_options(command, options->what);
  add_how_options(command, options->how);
  add_report_options(command, options->report);
  return [options] { return verify(*options); };
}

}  // namespace hfaudit::cli
