#include "run_command.hpp"

#include <new>
#include <system_error>

#include "requests.hpp"
#include "signals.hpp"
#include "since.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {
namespace {

// Where memory or threads are short, the report has the reason: a caller with --output reads only
// that.
Result<Report> work_or_report(const std::function<Result<Report>(const Run&)>& work, const Run& run,
                              Report asked) {
  try {
    return work(run);
  } catch (const std::bad_alloc& error) {
    return report_shortage(std::move(asked), error);
  } catch (const std::system_error& error) {
    return report_shortage(std::move(asked), error);
  }
}

// Nothing for a pull: its display has the text.
std::string_view status_of(const Arguments& arguments, const AuditRequest& what) {
  if (arguments.command() == Command::pull) return {};
  if (arguments.command() == Command::watch) return "waiting for a download to begin";
  return what.online ? "scanning, and asking the Hub" : "scanning";
}

}  // namespace

Report report_shortage(Report asked, const std::exception& error) {
  const bool memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  asked.unreadable.push_back({".", "finish", memory ? "not enough memory" : error.what()});
  print_error("cannot finish: " + asked.unreadable.back().cause);
  return asked;
}

ExitCode run_audit(const Arguments& arguments, const AuditRequest& what,
                   const std::function<Result<Report>(const Run&)>& work,
                   const std::function<void(const Report&, ExitCode)>& ended) {
  const ReportOptions options = report_options_of(arguments);
  if (auto sound = check_report_options(arguments); !sound)
    return fail(sound.error(), ExitCode::usage, options);
  const auto stop = catch_signals();
  const Layout layout = layout_of(arguments);
  const Report asked = asked_report(row_of(arguments.command()).name, what, layout);
  auto comparison = Comparison::of(arguments, asked);
  if (!comparison) return fail(comparison.error(), code_of_comparison(comparison.error()), options);
  LiveEvents events(asked, options);
  const Run run{layout, events, stop, options.quiet || events.on()};
  auto done = [&] {
    const StatusLine status(run.silent, status_of(arguments, what), what.progress);
    return work_or_report(work, run, asked);
  }();
  for (NotFound& one : invalid_repos(arguments)) {
    if (done)
      done->not_found.push_back(std::move(one));
    else
      print_error(Error{"use", one.name, one.cause, 0});
  }
  const Result<Report> report = std::move(*comparison).compare(std::move(done), options.fail_on);
  const ExitCode code = finish_command(report, options, &events);
  if (report && ended) ended(*report, code);
  return code;
}

}  // namespace hfaudit::cli
