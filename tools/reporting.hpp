// How a report is written: its format, where it goes, and events while a command runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hfaudit/audit.hpp"
#include "hfaudit/exit_code.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"
#include "metrics_file.hpp"
#include "options/arguments.hpp"
#include "os/output.hpp"

namespace hfaudit::cli {

struct ReportOptions {
  std::string format, color;
  FailOn fail_on = FailOn::error;
  std::optional<std::string> output;
  std::shared_ptr<os::OutputFile> opened;  // `output`, where it had to be opened beforehand
  std::shared_ptr<MetricsFile> metrics;    // null without --metrics
  bool quiet = false, verbose = false;
  bool started = false;  // LiveEvents::started()

  [[nodiscard]] bool to_file() const { return output && *output != "-"; }
};
[[nodiscard]] ReportOptions report_options_of(const Arguments& arguments);
// Errors: options that contradict each other.
[[nodiscard]] Result<void> check_report_options(const Arguments& arguments);

// The head of a report, before anything was scanned: command, host, time, the request and the
// locations.
[[nodiscard]] Report asked_report(std::string_view command, const AuditRequest& request,
                                  const Layout& layout);

// Events as they happen, for programs: with --format ndjson and without --output, on standard
// output.
class LiveEvents {
 public:
  LiveEvents(Report asked, const ReportOptions& options);
  [[nodiscard]] bool on() const { return on_; }
  // the first line of the report is written
  [[nodiscard]] bool started() const { return started_; }
  void progress(const ProgressEvent& event);  // once a second at most
  // likewise, for events of another form
  void line(const std::function<void(const Sink&)>& render);

 private:
  Report asked_;
  bool on_, started_ = false;
  std::chrono::steady_clock::time_point next_;
};

// Writes the report to --output and standard output, and --metrics. Returns `code`, or at least
// incomplete where that failed.
[[nodiscard]] ExitCode write_report(const Report& report, const ReportOptions& options,
                                    ExitCode code);

// Ends a command without a report: a message on standard error and, for programs that read a format
// of theirs from standard output, an object of the schema hfaudit.error/1 there. A file of --output
// stays as it was.
[[nodiscard]] ExitCode fail(const Error& error, ExitCode code, const ReportOptions& options);
[[nodiscard]] ExitCode fail(const std::string& message, ExitCode code,
                            const ReportOptions& options);

// Ends a command: prints its report, or the reason why it is missing. Returns the exit code;
// interrupted or terminated after a signal.
[[nodiscard]] ExitCode finish_command(const Result<Report>& report, const ReportOptions& options,
                                      const LiveEvents* events = nullptr);

}  // namespace hfaudit::cli
