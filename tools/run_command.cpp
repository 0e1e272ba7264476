#include "run_command.hpp"

#include "requests.hpp"
#include "signals.hpp"

namespace hfaudit::cli {

ExitCode run_audit(const Arguments& arguments, const AuditRequest& what,
                   const std::function<Result<Report>(const Run&)>& work,
                   const std::function<void(const Report&, ExitCode)>& ended) {
  const ReportOptions options = report_options_of(arguments);
  const auto& interrupted = catch_signals();
  const Layout layout = layout_of(arguments);
  LiveEvents events(asked_report(row_of(arguments.command()).name, what, layout), options);
  const Result<Report> report = work({layout, events, interrupted, options.quiet || events.on()});
  const ExitCode code = finish_command(report, options, &events);
  if (report && ended) ended(*report, code);
  return code;
}

}  // namespace hfaudit::cli
