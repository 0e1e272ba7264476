// hfaudit repair: audit, plan, carry out, audit again; print, exit code.
#include "hfaudit/repair.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "elevate.hpp"
#include "hfaudit/render.hpp"
#include "progress.hpp"
#include "pull_options.hpp"
#include "pull_progress.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

struct RepairOptions {
  WhatOptions what;
  ReportOptions report;
  PaceOptions pace;
  RepairRequest how;
  std::vector<std::string> only, skip;
  std::string elevate;
  bool list_quarantine = false;
};

void add_groups(CLI::App& command, const std::string& name, std::vector<std::string>& groups,
                const std::string& help) {
  const auto check = [](const std::string& text) {
    return parse_repair_group(text) ? std::string() : printable(text) + " is no group of repairs";
  };
  command.add_option(name, groups, help)
      ->type_name("GROUP")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->take_all()
      ->check(CLI::Validator(check, "", "group"));
}

void add_how_options(CLI::App& command, RepairOptions& options) {
  RepairRequest& how = options.how;
  command.add_flag("--dry-run", how.dry_run, "Only say what would be done; write nothing");
  command.add_flag("--verify", how.verify, "Hash all content too, so that silent corruption is repaired");
  command.add_flag("--offline", how.offline, "Download nothing");
  add_groups(command, "--only", options.only,
             "Only these: ownership, locks, partials, entries, refs, content, orphans");
  add_groups(command, "--skip", options.skip, "Not these");
  command.add_flag("--idle-locks", how.idle_locks, "Also remove lock files that block nobody");
  command.add_flag("--break-locks", how.break_locks, "Also break the locks of downloads that hang");
  command.add_option("--elevate", options.elevate, "Let root do what needs root, by this program")
      ->type_name("sudo|pkexec|doas")
      ->check(CLI::IsMember({"sudo", "pkexec", "doas"}))
      ->take_last();
  command.add_flag("--list-quarantine", options.list_quarantine, "Only list what repairs have moved aside");
}

std::vector<RepairGroup> groups_of(const std::vector<std::string>& names) {
  std::vector<RepairGroup> groups;
  for (const auto& name : names) {
    if (const auto group = parse_repair_group(name)) groups.push_back(*group);
  }
  return groups;
}

int show_quarantine(const Layout& layout, const AuditRequest& what) {
  const auto items = list_quarantine(layout, what);
  if (!items) {
    complain(items.error());
    return code_of(items.error());
  }
  std::string text;
  std::uint64_t bytes = 0;
  for (const auto& item : *items) {
    text += formatted("{}  {}\n  was {}: {}\n", printable(item.path), human_bytes(item.bytes), printable(item.from),
                      printable(item.why));
    bytes += item.bytes;
  }
  text += items->empty() ? "The quarantine is empty.\n"
                         : formatted("{} in {} {}. What you do not need, remove by hand.\n", human_bytes(bytes),
                                     items->size(), items->size() == 1 ? "item" : "items");
  return print(text);
}

Result<Report> repair_and_show(const RepairOptions& options, const RepairRequest& request, const Layout& layout,
                               LiveEvents& events, const std::stop_token& stop) {
  const bool silent = options.report.quiet || events.on();
  std::unique_ptr<ProgressDisplay> reading;
  std::unique_ptr<PullDisplay> pulling;
  RepairEvents told;
  told.verifying = [&](const VerifyProgress& progress) {
    pulling.reset();
    if (!reading) reading = std::make_unique<ProgressDisplay>(silent);
    reading->show(progress.bytes, progress.bytes_total, progress.seconds);
    events.progress({progress.files, progress.files_total, progress.bytes, progress.bytes_total, progress.seconds});
  };
  told.pulling = [&](const PullProgress& progress) {
    reading.reset();
    if (!pulling) pulling = std::make_unique<PullDisplay>(silent);
    pulling->show(progress);
    if (events.on()) events.progress(event_of(progress));
  };
  return hfaudit::repair(layout, request, told, stop);
}

int repair(const RepairOptions& options) {
  auto what = request_of(options.what);
  if (!what) {
    complain(what.error());
    return kUsage;
  }
  const auto layout = layout_of(options.what);
  if (options.list_quarantine) return show_quarantine(layout, *what);
  RepairRequest request = options.how;
  request.what = std::move(*what);
  request.only = groups_of(options.only);
  request.skip = groups_of(options.skip);
  request.download = download_options_of(options.pace);
  const auto stop = catch_signals();
  if (!options.elevate.empty() && !request.dry_run) {
    if (const int code = repair_as_root(options.elevate, layout, request, stop); code != 0) return code;
  }
  LiveEvents events(asked_report("repair", request.what, layout), options.report);
  const auto report = repair_and_show(options, request, layout, events, stop);
  return end_with(report, options.report, &events);
}

}  // namespace

Run add_repair(CLI::App& program) {
  auto options = std::make_shared<RepairOptions>();
  CLI::App& command = *program.add_subcommand("repair", "Audit, mend what is damaged, and audit again");
  command.footer("What it may remove is only what is proven worthless. More in hfaudit-repair(1).");
  add_what_options(command, options->what);
  add_how_options(command, *options);
  add_pace_options(command, options->pace);
  add_report_options(command, options->report);
  return [options] { return repair(*options); };
}

}  // namespace hfaudit::cli
