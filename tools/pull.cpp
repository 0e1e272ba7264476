// hfaudit pull, also called as hf-pull: download, then audit.
#include "hfaudit/pull.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "hfaudit/notify.hpp"
#include "models_file.hpp"
#include "pull_progress.hpp"
#include "requests.hpp"
#include "run_command.hpp"

namespace hfaudit::cli {
namespace {

// The REPOs of the command line, then those of the lists, each once.
Result<std::vector<std::string>> all_repos(const Arguments& arguments) {
  const RepoType fallback =
      parse_repo_type(arguments.get<"--repo-type">()).value_or(RepoType::model);
  std::vector<std::string> named = arguments.get<"REPO">();
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

Result<PullRequest> pull_request_of(const Arguments& arguments) {
  const auto lists = arguments.get<"--models-from">();
  if (std::count(lists.begin(), lists.end(), "-") > 1)
    return failure("use --models-from", "-", "it is given twice, but standard input has one list");
  const auto repos = all_repos(arguments);
  if (!repos) return tl::unexpected<Error>(repos.error());
  auto what = audit_request_of(arguments, *repos);
  if (!what) return tl::unexpected<Error>(what.error());
  PullRequest request;
  request.what = std::move(*what);
  request.download = download_options_of(arguments);
  request.download.offline = arguments.get<"--offline">();
  request.download.files_at_once = static_cast<unsigned>(arguments.get<"--jobs">());
  request.ledger = ledger_request_of(arguments);
  request.trust_present = arguments.get<"--trust-present">();
  if (arguments.get<"--dry-run">()) request.mode = PullMode::plan;
  if (arguments.get<"--validate-only">()) request.mode = PullMode::validate;
  return request;
}

Result<Report> pull_repos(const PullRequest& request, const Run& run) {
  PullDisplay display(run.silent);
  const auto show = [&](const PullProgress& progress) {
    display.show(progress);
    if (run.events.on()) run.events.progress(event_of(progress));
  };
  return hfaudit::pull(run.layout, request, show, run.stop);
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
