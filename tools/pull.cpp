// hfaudit pull, also called as hf-pull: download, print, exit code.
#include "hfaudit/pull.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/render.hpp"
#include "models_file.hpp"
#include "notify.hpp"
#include "pull_options.hpp"
#include "pull_progress.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

struct PullOptions {
  WhatOptions what;
  ReportOptions report;
  PaceOptions pace;
  bool trust_present = false;
  std::vector<std::string> models_from, notify;
  bool dry_run = false, validate_only = false;
};

void add_what_to_do(CLI::App& command, PullOptions& options) {
  command
      .add_option("--models-from", options.models_from,
                  "A list of REPOs, one a line, # for comments; - is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->take_all();
  auto* dry = command.add_flag("--dry-run", options.dry_run, "Only say what would be downloaded");
  command
      .add_flag("--validate-only", options.validate_only,
                "Download nothing; what is not there as the Hub has it is damage")
      ->excludes(dry);
  command.add_flag("--trust-present", options.trust_present,
                   "Do not hash files that are there in their right size");
  add_notify_option(command, options.notify);
}

// The REPOs of the command line, then those of the lists, each once.
Result<std::vector<std::string>> all_repos(const PullOptions& options) {
  const RepoType fallback = parse_repo_type(options.what.repo_type).value_or(RepoType::model);
  std::vector<std::string> named = options.what.repos;
  for (const std::string& path : options.models_from) {
    auto listed = read_models(path, fallback);
    if (!listed) return listed;
    named.insert(named.end(), listed->begin(), listed->end());
  }
  std::vector<std::string> repos;
  std::vector<RepoRequest> known;
  const auto is_known = [&known](const RepoRequest& one) {
    return std::any_of(known.begin(), known.end(), [&one](const RepoRequest& other) {
      return one.repo == other.repo && one.revision == other.revision;
    });
  };
  for (std::string& text : named) {
    const auto repo = repo_of(text, fallback);  // one that is none is told by request_of()
    if (repo && is_known(*repo)) continue;
    if (repo) known.push_back(*repo);
    repos.push_back(std::move(text));
  }
  return repos;
}

// Errors: usage.
Result<PullRequest> pull_request_of(const PullOptions& options) {
  if (std::count(options.models_from.begin(), options.models_from.end(), "-") > 1) {
    return failure("use --models-from", "-", "it is given twice, and standard input holds one list");
  }
  auto repos = all_repos(options);
  if (!repos) return tl::unexpected<Error>(repos.error());
  WhatOptions what = options.what;
  what.repos = std::move(*repos);
  auto request = request_of(what);
  if (!request) return tl::unexpected<Error>(request.error());
  PullRequest how;
  how.download = download_options_of(options.pace);
  how.trust_present = options.trust_present;
  how.what = std::move(*request);
  if (options.dry_run) how.mode = PullMode::plan;
  if (options.validate_only) how.mode = PullMode::validate;
  return how;
}

int pull(const PullOptions& options) {
  const auto request = pull_request_of(options);
  if (!request) {
    complain(request.error());
    return kUsage;
  }
  if (request->what.repos.empty()) {
    complain("no REPO is named; name one, or a list of them with --models-from");
    return kUsage;
  }
  const auto notifications = parse_notifications(options.notify);
  if (!notifications) {
    complain(notifications.error());
    return kUsage;
  }
  const auto stop = catch_signals();
  const auto layout = layout_of(options.what);
  LiveEvents events(asked_report("pull", request->what, layout), options.report);
  const Result<Report> report = [&] {
    PullDisplay display(options.report.quiet || events.on());
    return hfaudit::pull(
        layout, *request,
        [&](const PullProgress& progress) {
          display.show(progress);
          if (events.on()) events.progress(event_of(progress));
        },
        stop);
  }();
  const int code = end_with(report, options.report, &events);
  if (report) send(*notifications, *report, code);
  return code;
}

// What the options that all commands share mean here.
void describe_for_pull(CLI::App& command) {
  command.get_option("REPO")->description(
      "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…");
  command.get_option("--include")->description("Only the files that match; may be repeated");
  command.get_option("--exclude")->description("Not the files that match; may be repeated");
  command.get_option("--cache-dir")->description("The hub cache to download to");
  command.get_option("--hf-home")->description("The whole home: hub, tokens");
  command.get_option("--local-dir")
      ->description("Download the files of one REPO into this folder, not into the cache");
}

}  // namespace

Run add_pull(CLI::App& program) {
  auto options = std::make_shared<PullOptions>();
  CLI::App& command =
      *program.add_subcommand("pull", "Download repos until the file system says that they are complete");
  command.footer("hf-pull is another name of this command, with the same options. More in hfaudit-pull(1).");
  add_repo_options(command, options->what);
  describe_for_pull(command);
  add_what_to_do(command, *options);
  add_pace_options(command, options->pace);
  constexpr unsigned kMostAtOnce = 256;
  add_number(command, "--jobs", options->pace.how.files_at_once, {1, kMostAtOnce}, "Files at once, at most [8]");
  add_report_options(command, options->report);
  return [options] { return pull(*options); };
}

}  // namespace hfaudit::cli
