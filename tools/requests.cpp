#include "requests.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "base/format.hpp"
#include "repo_path.hpp"

namespace hfaudit::cli {
namespace {

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

// One error for all REPOs that are none, so that a second run does not stop at the next of them:
// "cannot use a/b/c, d/e/f: expected org/name; cannot use ../x: a path is not a REPO".
Error error_of_invalid(const std::vector<std::string>& repos, RepoType type) {
  struct Group {
    std::vector<std::string> names;
    Error error;
  };
  std::vector<Group> groups;
  for (const std::string& text : repos) {
    const auto repo = parse_repo(text, type);
    if (repo) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&repo](const Group& one) {
      return one.error.cause == repo.error().cause;
    });
    if (group == groups.end()) group = groups.insert(group, Group{{}, repo.error()});
    const std::string& name = repo.error().subject;
    if (std::find(group->names.begin(), group->names.end(), name) == group->names.end())
      group->names.push_back(name);
  }
  Error all = groups.front().error;
  all.subject = joined(groups.front().names);
  for (std::size_t i = 1; i < groups.size(); ++i)
    all.cause += formatted("; cannot {} {}: {}", groups[i].error.operation, joined(groups[i].names),
                           groups[i].error.cause);
  return all;
}

// Contradictions between options. Errors: usage.
Result<void> check_selection(const Arguments& arguments, const std::vector<std::string>& repos) {
  const auto revision = arguments.get<"--revision">();
  if (revision && repos.empty()) return failure("use --revision", *revision, "it needs a REPO");
  const auto local_dir = arguments.get<"--local-dir">();
  if (!local_dir) return {};
  if (arguments.get<"--cache-dir">() || arguments.get<"--hf-home">())
    return failure("use --local-dir", *local_dir, "it excludes --cache-dir and --hf-home");
  if (repos.size() > 1) return failure("use --local-dir", *local_dir, "it holds one REPO");
  return {};
}

bool is_meant(const LockedRepo& locked, const RepoRequest& asked) {
  return locked.repo == asked.repo && (!asked.revision || *asked.revision == locked.revision ||
                                       locked.commit.starts_with(*asked.revision));
}

// A lock file is read once: a pipe, <(…), gives its text once, and two functions ask for it.
Result<std::shared_ptr<const LockedRepos>> lock_at(const std::string& path) {
  using Lock = Result<std::shared_ptr<const LockedRepos>>;
  static std::map<std::string, Lock> known;
  if (const auto found = known.find(path); found != known.end()) return found->second;
  auto locked = read_lock(path).map(
      [](LockedRepos&& repos) { return std::make_shared<const LockedRepos>(std::move(repos)); });
  return known.emplace(path, std::move(locked)).first->second;
}

// The lock file that several REPOs have to be in; null without one. A word of a pull may be a file,
// and an error is that of take_lock().
std::shared_ptr<const LockedRepos> locked_beside_repos(const Arguments& arguments) {
  const auto path = arguments.get<"--locked">();
  if (!path || arguments.command() == Command::pull || arguments.get<"REPO">().size() < 2)
    return nullptr;
  return lock_at(*path).value_or(nullptr);
}

bool is_locked(const LockedRepos& locked, RepoRequest asked, const Arguments& arguments) {
  if (!asked.revision) asked.revision = arguments.get<"--revision">();
  return std::any_of(locked.repos.begin(), locked.repos.end(),
                     [&asked](const LockedRepo& one) { return is_meant(one, asked); });
}

// The commits that the lock file names, of the requested repos or of all. Errors: usage.
Result<void> take_lock(AuditRequest& request, const std::string& path) {
  const auto read = lock_at(path);
  if (!read) return tl::unexpected<Error>(read.error());
  const auto& locked = *read;
  std::vector<RepoRequest> repos;
  std::vector<std::string> unlocked;
  for (const auto& asked : request.repos) {
    const auto before = repos.size();
    for (const auto& one : locked->repos) {
      if (is_meant(one, asked)) repos.push_back({one.repo, one.commit});
    }
    if (repos.size() == before) unlocked.push_back(asked.name());
  }
  if (!unlocked.empty())
    return failure("use", joined(unlocked),
                   path + " does not lock " + (unlocked.size() == 1 ? "it" : "them"));
  if (request.repos.empty()) {
    for (const auto& one : locked->repos)
      repos.push_back({one.repo, one.commit});
  }
  if (repos.empty()) return failure("use", path, "it locks no repo");
  request.repos = std::move(repos);
  request.locked = locked;
  request.locked_path = path;
  return {};
}

}  // namespace

Result<RepoRequest> parse_repo(const std::string& text, RepoType fallback) {
  if (text.empty()) return failure("use", "\"\"", "no repo is named");
  // `?` begins the query of a pasted URL
  const auto query = text.find("://") == std::string::npos ? std::string::npos : text.find('?');
  if (is_pattern(text.substr(0, query)))
    return failure("use", text, "a REPO is no pattern; patterns of files go into --include");
  auto request =
      parse_repo_request(text, fallback, system_environment().get("HF_ENDPOINT").value_or(""));
  if (request || !is_path_like(text)) return request;
  auto error = request.error();
  error.cause = explain_path(text);
  return tl::unexpected<Error>(std::move(error));
}

bool may_be_file(std::string_view text) {
  // The error explains a pattern, a URL and a tag.
  const bool plain = text.find_first_of("*?:") == std::string_view::npos;
  return !text.empty() && plain && text.find("..") == std::string_view::npos && !is_path_like(text);
}

bool has_file_extension(std::string_view text) {
  constexpr std::array<std::string_view, 29> extensions{
      ".bin", ".ckpt",  ".csv",         ".gguf", ".gz",   ".h5",      ".json", ".jsonl",
      ".md",  ".model", ".msgpack",     ".npz",  ".onnx", ".parquet", ".pkl",  ".pt",
      ".pth", ".py",    ".safetensors", ".tar",  ".tsv",  ".txt",     ".xml",  ".yaml",
      ".yml", ".zip",   ".png",         ".jpg",  ".svg"};
  return std::any_of(extensions.begin(), extensions.end(),
                     [text](std::string_view extension) { return text.ends_with(extension); });
}

bool is_file_name(std::string_view text) {
  return text.find('/') == std::string_view::npos && has_file_extension(text);
}

std::vector<NotFound> invalid_repos(const Arguments& arguments) {
  return invalid_repos(arguments, arguments.get<"REPO">());
}

std::vector<NotFound> invalid_repos(const Arguments& arguments,
                                    const std::vector<std::string>& repos) {
  // A lock file and an archive are made of all repos or not at all; the others take one repo.
  constexpr CommandSet going_on =
      of_scan | of_verify | of_scrub | of_repair | of_pull | of_preflight;
  if (!going_on.has(arguments.command())) return {};
  const auto type = parse_repo_type(arguments.get<"--repo-type">()).value_or(RepoType::model);
  const auto locked = locked_beside_repos(arguments);
  std::vector<NotFound> invalid;
  bool any_valid = false;
  for (const std::string& text : repos) {
    // `pull a/b/c config.json`: the file of a repo that is none. It is no repo to ask the Hub for.
    if (arguments.command() == Command::pull && !any_valid && !invalid.empty() &&
        is_file_name(text)) {
      invalid.push_back({text, "it is a file, and no valid REPO stands before it"});
      continue;
    }
    auto repo = parse_repo(text, type);
    if (repo && locked && !is_locked(*locked, *repo, arguments)) {
      invalid.push_back({text, *arguments.get<"--locked">() + " does not lock it"});
      continue;
    }
    // Behind the first REPO of a pull it may be a file with a typing error: without it, all of that
    // repo would be downloaded. So the pull refuses it.
    const bool may_select = arguments.command() == Command::pull && any_valid;
    any_valid = any_valid || repo;
    if (!repo && !may_select) invalid.push_back({text, repo.error().cause});
  }
  return any_valid ? invalid : std::vector<NotFound>();
}

Result<AuditRequest> audit_request_of(const Arguments& arguments) {
  auto repos = arguments.get<"REPO">();
  for (const NotFound& one : invalid_repos(arguments))
    std::erase(repos, one.name);
  return audit_request_of(arguments, repos);
}

Result<AuditRequest> audit_request_of(const Arguments& arguments,
                                      const std::vector<std::string>& repos) {
  const auto type_name = arguments.get<"--repo-type">();
  const auto type = parse_repo_type(type_name);
  if (!type)
    return failure("use --repo-type", type_name, "it is not one of model, dataset, space, kernel");
  if (auto sound = check_selection(arguments, repos); !sound)
    return tl::unexpected<Error>(sound.error());

  AuditRequest request;
  const auto revision = arguments.get<"--revision">();
  for (const std::string& text : repos) {
    auto repo = parse_repo(text, *type);
    if (!repo) return tl::unexpected<Error>(error_of_invalid(repos, *type));
    if (revision && repo->revision && *repo->revision != *revision)
      return failure("use --revision", *revision, text + " names another one");
    if (revision) repo->revision = revision;
    const bool one_file = !repo->file.empty() && arguments.command() == Command::pull;
    if (one_file && arguments.get<"--include">().empty())
      return failure(
          "pull", text,
          "the URL is of one file; run: hfaudit pull " + repo->name() + " " + repo->file);
    request.repos.push_back(std::move(*repo));
  }
  if (const auto path = arguments.get<"--locked">()) {
    if (auto locked = take_lock(request, *path); !locked)
      return tl::unexpected<Error>(locked.error());
    const auto local_dir = arguments.get<"--local-dir">();
    if (local_dir && request.repos.size() > 1)
      return failure("use --local-dir", *local_dir,
                     "it holds one repo, and the lock file has several: name one");
  }
  request.progress = std::make_shared<AuditProgress>();
  request.include = arguments.get<"--include">();
  request.exclude = arguments.get<"--exclude">();
  request.local_dir = arguments.get<"--local-dir">();
  request.owner = arguments.get<"--owner">();
  // --jobs and --online mean something else to a pull and a preflight, which set these themselves.
  if (audit_commands.has(arguments.command())) {
    request.jobs = static_cast<unsigned>(arguments.get<"--jobs">());
    request.online = arguments.get<"--online">();
  }
  // A hub cache somewhere else lies outside the home that the environment names.
  const bool hub_alone = arguments.get<"--cache-dir">() && !arguments.get<"--hf-home">();
  request.whole_home = request.repos.empty() && !request.local_dir && !hub_alone;
  return request;
}

DownloadOptions download_options_of(const Arguments& arguments) {
  DownloadOptions options;
  options.max_attempts = static_cast<unsigned>(arguments.get<"--max-attempts">());
  if (const auto seconds = arguments.get<"--timeout">())
    options.idle_timeout_s = static_cast<unsigned>(*seconds);
  options.waits_s = parse_seconds_list(arguments.get<"--waits">()).value_or(options.waits_s);
  options.max_rate = arguments.get<"--max-rate">().value_or(0);
  options.connections = static_cast<unsigned>(arguments.get<"--connections">());
  options.ipv4_only = arguments.get<"--ipv4">();
  options.from = arguments.get<"--from">();
  return options;
}

LedgerRequest ledger_request_of(const Arguments& arguments) {
  LedgerRequest request{LedgerKind::own, {}, {}};
  if (const auto place = arguments.get<"--ledger">()) {
    request.kind = *place == "cache" ? LedgerKind::cache : LedgerKind::folder;
    request.path = *place;
  }
  if (const auto age = arguments.get<"--max-age">())
    request.max_age = std::chrono::duration_cast<std::chrono::seconds>(*age);
  return request;
}

Layout layout_of(const Arguments& arguments) {
  return find_layout(system_environment(),
                     {arguments.get<"--hf-home">(), arguments.get<"--cache-dir">()});
}

std::string unresolvable_path(const Arguments& arguments) {
  if (!system_environment().working_directory.empty()) return {};
  const Layout layout = layout_of(arguments);
  std::vector<std::string> paths = {layout.hf_home.path, layout.hub_cache.path};
  if (const auto local_dir = arguments.get<"--local-dir">()) paths = {*local_dir};
  for (const auto& path : paths) {
    if (!path.starts_with('/')) return path;
  }
  return {};
}

}  // namespace hfaudit::cli
