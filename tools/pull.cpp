// hfaudit pull, also called as hf-pull: download, print, exit code.
#include "hfaudit/pull.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/units.hpp"
#include "models_file.hpp"
#include "notify.hpp"
#include "pull_progress.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

struct Options {
  WhatOptions what;
  ReportOptions report;
  PullRequest how;
  std::vector<std::string> models_from, notify;
  unsigned timeout = 0;  // 0: not given
  bool dry_run = false, validate_only = false;
};

// Seconds, from "10,30,60": each a number, decimals too.
std::vector<double> parse_waits(const std::string& text) {
  constexpr double kMost = 86400;
  const auto wrong = [&text] {
    return CLI::ValidationError("--waits", printable(text) + " is no list of seconds such as 10,30,60");
  };
  std::vector<double> waits;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double seconds = 0;
    const auto parsed = std::from_chars(at, end, seconds, std::chars_format::fixed);
    const bool sound = seconds >= 0 && seconds <= kMost;  // no number is neither
    if (parsed.ec != std::errc() || !sound) throw wrong();
    waits.push_back(seconds);
    at = parsed.ptr;
    if (at == end) return waits;
    if (*at++ != ',') throw wrong();
  }
}

void add_what_to_do(CLI::App& command, Options& options) {
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
  command.add_flag("--trust-present", options.how.trust_present,
                   "Do not hash files that are there in their right size");
  add_notify_option(command, options.notify);
}

void add_pace(CLI::App& command, Options& options) {
  constexpr unsigned kMostAttempts = 1'000'000, kDay = 86400, kMostAtOnce = 256;
  PullRequest& how = options.how;
  add_number(command, "--max-attempts", how.max_attempts, {1, kMostAttempts},
             "Attempts on a repo, one after the other, that get no further [25]");
  add_number(command, "--timeout", options.timeout, {1, kDay},
             "Seconds without a byte after which a connection is given up [HF_HUB_DOWNLOAD_TIMEOUT, else 300]");
  const auto take_waits = [&how](const std::string& text) { how.waits_s = parse_waits(text); };
  command
      .add_option_function<std::string>("--waits", take_waits,
                                        "Seconds between attempts that got no further [10,30,60,120,240,300]")
      ->type_name("LIST")
      ->take_last();
  const auto take_rate = [&how](const std::string& text) {
    const auto rate = parse_bytes(text);
    if (!rate || *rate == 0) throw CLI::ValidationError("--max-rate", printable(text) + " is no rate such as 200M");
    how.max_rate = *rate;
  };
  command.add_option_function<std::string>("--max-rate", take_rate, "Receive no more than this per second, in all")
      ->type_name("BYTES")
      ->take_last();
  add_number(command, "--connections", how.connections, {1, kMostAtOnce}, "Connections at once, at most [16]");
  add_number(command, "--jobs", how.files_at_once, {1, kMostAtOnce}, "Files at once, at most [8]");
  command.add_flag("--ipv4", how.ipv4_only, "Use no IPv6");
}

// The REPOs of the command line, then those of the lists, each once.
Result<std::vector<std::string>> all_repos(const Options& options) {
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
Result<PullRequest> pull_request_of(const Options& options) {
  if (std::count(options.models_from.begin(), options.models_from.end(), "-") > 1) {
    return failure("use --models-from", "-", "it is given twice, and standard input holds one list");
  }
  auto repos = all_repos(options);
  if (!repos) return tl::unexpected<Error>(repos.error());
  WhatOptions what = options.what;
  what.repos = std::move(*repos);
  auto request = request_of(what);
  if (!request) return tl::unexpected<Error>(request.error());
  PullRequest how = options.how;
  how.what = std::move(*request);
  if (options.timeout != 0) how.idle_timeout_s = options.timeout;
  if (options.dry_run) how.mode = PullMode::plan;
  if (options.validate_only) how.mode = PullMode::validate;
  return how;
}

Report asked_of(const Options& options, const PullRequest& request, const Layout& layout) {
  Report asked;
  asked.command = "pull";
  asked.host = host_name();
  asked.started_at = std::time(nullptr);
  if (!request.what.local_dir) {
    asked.hf_home = layout.hf_home.path;
    asked.hub_cache = layout.hub_cache.path;
  }
  for (const RepoRequest& repo : request.what.repos) {
    asked.asked.repos.push_back(repo.repo.name() + (repo.revision ? "@" + *repo.revision : ""));
  }
  asked.asked.include = options.what.include;
  asked.asked.exclude = options.what.exclude;
  return asked;
}

ProgressEvent event_of(const PullProgress& progress) {
  ProgressEvent event{progress.files, progress.files_total, progress.bytes, progress.bytes_total, progress.seconds};
  event.repo = progress.repo;
  event.step = to_string(progress.step);
  event.received = progress.received;
  event.note = progress.note;
  return event;
}

int pull(const Options& options) {
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
  const auto& interrupted = catch_signals();
  const auto layout = layout_of(options.what);
  LiveEvents events(asked_of(options, *request, layout), options.report);
  const Result<Report> report = [&] {
    PullDisplay display(options.report.quiet || events.on());
    return hfaudit::pull(
        layout, *request,
        [&](const PullProgress& progress) {
          display.show(progress);
          if (events.on()) events.progress(event_of(progress));
        },
        &interrupted);
  }();
  if (!report) {
    complain(report.error());
    return code_of(report.error());
  }
  auto shown = options.report;
  shown.begun = events.begun();
  const int code = deliver(*report, shown, code_after_signals(exit_code(*report, fail_on_of(options.report))));
  send(*notifications, *report, code);
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
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *program.add_subcommand("pull", "Download repos until the file system says that they are complete");
  command.footer("hf-pull is another name of this command, with the same options. More in hfaudit-pull(1).");
  add_repo_options(command, options->what);
  describe_for_pull(command);
  add_what_to_do(command, *options);
  add_pace(command, *options);
  add_report_options(command, options->report);
  return [options] { return pull(*options); };
}

}  // namespace hfaudit::cli
