// hfaudit pull, also called as hf-pull: download, then audit.
#include "hfaudit/pull.hpp"

#include <algorithm>
#include <array>
#include <optional>
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

RepoType fallback_type(const Arguments& arguments) {
  return parse_repo_type(arguments.get<"--repo-type">()).value_or(RepoType::model);
}

// `config.json`, `unet/diffusion_pytorch_model.safetensors`. Also a repo may be called so, hence
// the listing of the first repo decides.
bool looks_like_file(const std::string& text) {
  if (text.find("://") != std::string::npos || text.find_first_of("@*?:") != std::string::npos)
    return false;
  if (text.starts_with('/') || text.starts_with('.') || text.starts_with('~')) return false;
  constexpr std::array<std::string_view, 33> extensions{
      ".json",      ".safetensors", ".bin",     ".gguf", ".pt",           ".pth",   ".ckpt",
      ".h5",        ".onnx",        ".msgpack", ".npz",  ".model",        ".txt",   ".md",
      ".py",        ".yaml",        ".yml",     ".csv",  ".tsv",          ".jsonl", ".parquet",
      ".arrow",     ".zip",         ".tar",     ".gz",   ".zst",          ".xml",   ".jinja",
      ".onnx_data", ".tiktoken",    ".png",     ".jpg",  ".gitattributes"};
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](std::string_view extension) { return text.ends_with(extension); });
}

// What may be files of the first REPO.
std::vector<FileOrRepo> files_or_repos(const Arguments& arguments) {
  std::vector<FileOrRepo> found;
  const auto named = arguments.get<"REPO">();
  for (std::size_t i = 1; i < named.size(); ++i) {
    if (!looks_like_file(named[i])) continue;
    auto repo = parse_repo(named[i], fallback_type(arguments));
    found.push_back({named[i], repo ? std::optional(std::move(*repo)) : std::nullopt});
  }
  return found;
}

// The REPOs of the command line, then those of the lists, each once.
Result<std::vector<std::string>> all_repos(const Arguments& arguments) {
  const RepoType fallback = fallback_type(arguments);
  std::vector<std::string> named = arguments.get<"REPO">();
  if (!named.empty())
    named.erase(std::remove_if(named.begin() + 1, named.end(), looks_like_file), named.end());
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
  request.files_or_repos = files_or_repos(arguments);
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
