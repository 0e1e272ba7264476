// hfaudit repair: audit, plan, carry out, audit again.
#include "hfaudit/repair.hpp"

#include <memory>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "base/sum.hpp"
#include "commands.hpp"
#include "elevate.hpp"
#include "hfaudit/render.hpp"
#include "progress.hpp"
#include "pull_progress.hpp"
#include "requests.hpp"
#include "run_command.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

std::vector<RepairGroup> groups_of(const std::vector<std::string>& names) {
  std::vector<RepairGroup> groups;
  for (const auto& name : names) {
    if (const auto group = parse_repair_group(name)) groups.push_back(*group);
  }
  return groups;
}

Result<RepairRequest> repair_request_of(const Arguments& arguments) {
  auto what = audit_request_of(arguments);
  if (!what) return tl::unexpected<Error>(what.error());
  RepairRequest request;
  request.what = std::move(*what);
  request.verify = arguments.get<"--verify">();
  request.dry_run = arguments.get<"--dry-run">();
  request.offline = arguments.get<"--offline">();
  request.only = groups_of(arguments.get<"--only">());
  request.skip = groups_of(arguments.get<"--skip">());
  request.idle_locks = arguments.get<"--idle-locks">();
  request.break_locks = arguments.get<"--break-locks">();
  request.download = download_options_of(arguments);
  request.ledger = ledger_request_of(arguments);
  if (request.ledger.max_age && !request.verify)
    return failure("use", "--max-age", "it needs --verify, which reads the content");
  return request;
}

ExitCode print_quarantine(const Layout& layout, const AuditRequest& what) {
  const auto items = list_quarantine(layout, what);
  if (!items) {
    print_error(items.error());
    return exit_code_for(items.error());
  }
  std::string text;
  std::uint64_t bytes = 0;
  for (const auto& item : *items) {
    text += formatted("{}  {}\n  was {}: {}\n", printable(item.path), human_bytes(item.bytes),
                      printable(item.from), printable(item.why));
    add_size(bytes, item.bytes);
  }
  text += items->empty()
              ? "The quarantine is empty.\n"
              : formatted("{} in {} {}. What you do not need, remove by hand.\n",
                          human_bytes(bytes), items->size(), items->size() == 1 ? "item" : "items");
  return print(text);
}

// Reading and downloading alternate: each display is removed before the other one draws.
Result<Report> repair_cache(const RepairRequest& request, const Run& run) {
  std::unique_ptr<ProgressDisplay> reading;
  std::unique_ptr<PullDisplay> pulling;
  RepairEvents events;
  events.verifying = [&](const VerifyProgress& progress) {
    pulling.reset();
    if (!reading) reading = std::make_unique<ProgressDisplay>(run.silent);
    reading->show(progress.bytes, progress.bytes_total, progress.seconds);
    run.events.progress(event_of(progress));
  };
  events.pulling = [&](const PullProgress& progress) {
    reading.reset();
    if (!pulling) pulling = std::make_unique<PullDisplay>(run.silent);
    pulling->show(progress);
    if (run.events.on()) run.events.progress(event_of(progress));
  };
  return hfaudit::repair(run.layout, request, events, run.stop);
}

}  // namespace

ExitCode run_repair(const Arguments& arguments) {
  const auto request = repair_request_of(arguments);
  if (!request) return fail(request.error(), ExitCode::usage, report_options_of(arguments));
  if (arguments.get<"--list-quarantine">()) {
    const auto invalid = invalid_repos(arguments);
    for (const NotFound& one : invalid)
      print_error(Error{"use", one.name, one.cause, 0});
    const ExitCode code = print_quarantine(layout_of(arguments), request->what);
    return invalid.empty() ? code : std::max(code, ExitCode::usage);
  }
  const auto program = arguments.get<"--elevate">();
  if (program && !request->dry_run) {
    const ExitCode code = repair_as_root(*program, layout_of(arguments), *request, catch_signals());
    if (code != ExitCode::ok) {
      const auto metrics = MetricsFile::of(arguments);
      return metrics ? metrics->write_failure(code) : code;
    }
  }
  return run_command(arguments, request, repair_cache);
}

}  // namespace hfaudit::cli
