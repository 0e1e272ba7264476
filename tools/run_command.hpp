// How every command that audits runs: request, work, report, exit code.
#pragma once

#include <exception>
#include <functional>
#include <stop_token>

#include "hfaudit/audit.hpp"
#include "hfaudit/exit_code.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"
#include "messages.hpp"
#include "options/arguments.hpp"
#include "reporting.hpp"

namespace hfaudit::cli {

// The input of a command beside its request.
struct Run {
  const Layout& layout;
  LiveEvents& events;
  std::stop_token stop;
  bool silent = false;  // omit progress on standard error
};

// The report of a command that ended for want of memory or threads, and a message.
[[nodiscard]] Report report_shortage(Report asked, const std::exception& error);

// Signals, live events, `work`, the report. `ended` is called with the report and its exit code,
// where there is one.
[[nodiscard]] ExitCode run_audit(const Arguments& arguments, const AuditRequest& what,
                                 const std::function<Result<Report>(const Run&)>& work,
                                 const std::function<void(const Report&, ExitCode)>& ended = {});

// `request` has the AuditRequest as `what`.
template <class Request, class Work>
[[nodiscard]] ExitCode run_command(const Arguments& arguments, const Result<Request>& request,
                                   const Work& work) {
  if (!request) return fail(request.error(), ExitCode::usage, report_options_of(arguments));
  return run_audit(arguments, request->what, [&](const Run& run) { return work(*request, run); });
}

}  // namespace hfaudit::cli
