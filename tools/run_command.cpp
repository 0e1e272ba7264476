#include "run_command.hpp"

#include "requests.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

// A scan of one repo takes milliseconds, unless the Hub is asked: a thread would be a part of that.
os::StopThread stop_thread(const Arguments& arguments, const AuditRequest& what) {
  const bool brief = arguments.command() == Command::scan && what.repos.size() == 1 && !what.online;
  return brief ? os::StopThread::omit : os::StopThread::start;
}

}  // namespace

ExitCode run_audit(const Arguments& arguments, const AuditRequest& what,
                   const std::function<Result<Report>(const Run&)>& work,
                   const std::function<void(const Report&, ExitCode)>& ended) {
  const ReportOptions options = report_options_of(arguments);
  const auto stop = catch_signals(stop_thread(arguments, what));
  const Layout layout = layout_of(arguments);
  LiveEvents events(asked_report(row_of(arguments.command()).name, what, layout), options);
  const Result<Report> report = work({layout, events, stop, options.quiet || events.on()});
  const ExitCode code = finish_command(report, options, &events);
  if (report && ended) ended(*report, code);
  return code;
}

}  // namespace hfaudit::cli
