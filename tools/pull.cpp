// hfaudit pull, also called as hf-pull: download, then audit.
#include "hfaudit/pull.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "hfaudit/notify.hpp"
#include "messages.hpp"
#include "models_file.hpp"
#include "pull_progress.hpp"
#include "requests.hpp"
#include "run_command.hpp"

namespace hfaudit::cli {
namespace {

RepoType fallback_type(const Arguments& arguments) {
  return parse_repo_type(arguments.get<"--repo-type">()).value_or(RepoType::model);
}

// The words of the command line without those that are reported as no REPO.
std::vector<std::string> valid_words_of(const Arguments& arguments) {
  auto words = arguments.get<"REPO">();
  for (const NotFound& one : invalid_repos(arguments))
    std::erase(words, one.name);
  return words;
}

// The first REPO of the command line, then those of the lists, each once.
Result<std::vector<std::string>> certain_repos(const Arguments& arguments) {
  const RepoType fallback = fallback_type(arguments);
  std::vector<std::string> named = valid_words_of(arguments);
  // All that are no REPO are named in one error; what looks like a file may belong to the first.
  const auto is_left_out = [fallback](const std::string& text) {
    return has_file_extension(text) || parse_repo(text, fallback);
  };
  if (named.size() > 1) {
    const bool is_valid = parse_repo(named.front(), fallback).has_value();
    named.erase(
        is_valid ? named.begin() + 1 : std::remove_if(named.begin() + 1, named.end(), is_left_out),
        named.end());
  }
  for (const std::string& path : arguments.get<"--models-from">()) {
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
    const auto repo = parse_repo(text, fallback);  // audit_request_of() reports the error
    if (repo && is_known(*repo)) continue;
    if (repo) known.push_back(*repo);
    repos.push_back(std::move(text));
  }
  return repos;
}

// The other words of the command line: files of the first REPO, or REPOs. Errors: a word that is
// neither. With a lock file, a word that it does not lock may still be a file.
Result<std::vector<PullWord>> pull_words_of(const Arguments& arguments) {
  std::vector<PullWord> words;
  const std::vector<std::string> named = valid_words_of(arguments);
  for (std::size_t i = 1; i < named.size(); ++i) {
    PullWord word{named[i], {}};
    const auto repo = parse_repo(word.text, fallback_type(arguments));
    if (!repo && !may_be_file(word.text)) return tl::unexpected<Error>(repo.error());
    if (repo && !is_file_name(word.text)) {
      auto as_repo = audit_request_of(arguments, {word.text});
      if (!as_repo && !arguments.has("--locked") && !has_file_extension(word.text))
        return tl::unexpected<Error>(as_repo.error());
      if (!as_repo) word.why_no_repo = as_repo.error().cause;
      if (as_repo) word.repos = std::move(as_repo->repos);
    }
    words.push_back(std::move(word));
  }
  return words;
}

Result<PullRequest> pull_request_of(const Arguments& arguments) {
  const auto lists = arguments.get<"--models-from">();
  if (std::count(lists.begin(), lists.end(), "-") > 1)
    return failure("use --models-from", "-", "it is given twice, but standard input has one list");
  const auto repos = certain_repos(arguments);
  if (!repos) return tl::unexpected<Error>(repos.error());
  auto what = audit_request_of(arguments, *repos);
  if (!what) return tl::unexpected<Error>(what.error());
  auto words = pull_words_of(arguments);
  if (!words) return tl::unexpected<Error>(words.error());
  PullRequest request;
  request.what = std::move(*what);
  request.words = std::move(*words);
  request.download = download_options_of(arguments);
  request.download.offline = arguments.get<"--offline">();
  request.download.files_at_once = static_cast<unsigned>(arguments.get<"--jobs">());
  request.ledger = ledger_request_of(arguments);
  request.trust_present = arguments.get<"--trust-present">();
  if (arguments.get<"--dry-run">()) request.mode = PullMode::plan;
  if (arguments.get<"--validate-only">()) request.mode = PullMode::validate;
  return request;
}

bool has_patterns(const AuditRequest& what) {
  return !what.include.empty() || !what.exclude.empty();
}

// Whether a word was taken as a file: it is no repo of the report.
bool names_files(const PullRequest& request, const Report& report) {
  return std::any_of(request.words.begin(), request.words.end(), [&](const PullWord& word) {
    return std::none_of(report.transfers.begin(), report.transfers.end(), [&](const Transfer& one) {
      return std::any_of(word.repos.begin(), word.repos.end(),
                         [&](const RepoRequest& repo) { return repo.repo == one.repo; });
    });
  });
}

Result<Report> pull_repos(const PullRequest& request, const Run& run) {
  PullDisplay display(run.silent, request.download.offline);
  const auto show = [&](const PullProgress& progress) {
    display.show(progress);
    if (run.events.on()) run.events.progress(event_of(progress));
  };
  auto report = hfaudit::pull(run.layout, request, show, run.stop);
  if (report && names_files(request, *report) && has_patterns(request.what))
    print_error("--include and --exclude are ignored for files that are named");
  return report;
}

}  // namespace

ExitCode run_pull(const Arguments& arguments) {
  const auto request = pull_request_of(arguments);
  if (!request) return fail(request.error(), ExitCode::usage, report_options_of(arguments));
  if (request->what.repos.empty())
    return fail("no repo given: hfaudit pull org/name, or --models-from FILE", ExitCode::usage,
                report_options_of(arguments));
  const auto notifications = parse_notifications(arguments.get<"--notify">());
  if (!notifications)
    return fail(notifications.error(), ExitCode::usage, report_options_of(arguments));
  const auto notify = [&notifications](const Report& report, ExitCode code) {
    for (const std::string& error : send_notifications(*notifications, report, code))
      print_error(error);
  };
  return run_audit(
      arguments, request->what, [&](const Run& run) { return pull_repos(*request, run); }, notify);
}

}  // namespace hfaudit::cli
