#include "report/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "model/finding_facts.hpp"
#include "report/remedy.hpp"
#include "report/shell.hpp"

namespace hfaudit::report {
namespace {

using Group = std::span<const Finding* const>;

constexpr std::size_t kMostNames = 8;  // more of them make no command that anybody would paste
// But a command without the names would download the whole repo again.
constexpr std::size_t kMostFiles = 32;

// The distinct paths of the group, quoted, each after a space; nullopt where they are too many.
std::optional<std::string> quoted_paths(const Report& report, Group group) {
  std::set<std::string> paths;
  for (const Finding* finding : group) {
    paths.insert(on_disk(report, finding->path));
    if (paths.size() > kMostNames) return std::nullopt;
  }
  std::string words;
  for (const std::string& path : paths)
    words.append(" ").append(shell_quote(path));
  return words;
}

std::string on_paths(const Report& report, Group group, std::string_view command) {
  const auto paths = quoted_paths(report, group);
  return paths ? std::string(command) + *paths : std::string();
}

// The options that make a pull work on the same folder that was audited.
std::string same_place(const Report& report) {
  if (const LookedAt* local = place_named_by_option(report, "--local-dir")) {
    return fmt::format(" --local-dir {}", shell_quote(local->path));
  }
  const bool elsewhere = place_named_by_option(report, "--cache-dir") != nullptr ||
                         place_named_by_option(report, "--hf-home") != nullptr;
  if (!elsewhere || report.hub_cache.empty()) return {};
  return fmt::format(" --cache-dir {}", shell_quote(report.hub_cache));
}

// What to pull: the finding's commit, which a branch may have left meanwhile, or the ref that it is about.
std::string revision_of(const Finding& finding) {
  if (is_commit_hash(finding.revision)) return finding.revision;
  constexpr std::string_view kRefs = "/refs/";
  const std::size_t at = finding.path.find(kRefs);
  return at == std::string::npos ? std::string() : finding.path.substr(at + kRefs.size());
}

// An --include for each file that the group is about; nullopt where one has no name, or none that a pull would take
// for a file's: to it, names are patterns.
std::optional<std::string> included_files(const Report& report, Group group, std::size_t most) {
  std::set<std::string> files;
  for (const Finding* finding : group)
    files.insert(file_of(report, *finding));
  const auto is_plain = [](const std::string& file) {
    return !file.empty() && file.front() != '-' && file.back() != '/' &&
           file.find_first_of("*?[") == std::string::npos;
  };
  if (files.size() > most || !std::all_of(files.begin(), files.end(), is_plain)) return std::nullopt;
  std::string words;
  for (const std::string& file : files)
    words.append(" --include ").append(shell_quote(file));
  return words;
}

// A pull of the repo, or of `files` in it. Empty for a repo that cannot be on the Hub.
std::string download(const Report& report, const Finding& finding, const std::string& files) {
  if (!finding.repo) return {};
  const RepoId& repo = finding.repo.value();
  const bool plausible =
      !repo.id.empty() && repo.id.front() != '-' &&
      std::all_of(repo.id.begin(), repo.id.end(), [](char c) { return c == '/' || is_name_character(c); });
  if (!plausible) return {};

  const std::string revision = revision_of(finding);
  const bool by_default = revision.empty() || revision == "main";
  const std::string name = by_default ? repo.name() : repo.name() + "@" + revision;
  return "hfaudit pull " + shell_quote(name) + files + same_place(report);
}

// The files by name where they are few: who downloaded one of twenty quantisations does not want the others.
std::string download_missing(const Report& report, Group group) {
  return download(report, *group.front(), included_files(report, group, kMostNames).value_or(""));
}

// A link that leads where it should not goes first: nobody shall write through it.
std::string download_after_removal(const Report& report, Group group) {
  const std::string removal = on_paths(report, group, "rm -f --");
  const std::string again = download_missing(report, group);
  return removal.empty() || again.empty() ? std::string() : removal + " && " + again;
}

// A blob that no snapshot uses and nobody is waiting for.
bool is_unwanted(const Finding* finding) {
  return finding->revision.empty() && finding->severity != Severity::error &&
         finding->path.find("/blobs/") != std::string::npos;
}

// Wrong bytes in the shared store would find their way into the next repo that wants them: no client looks.
std::string removal_of_payloads(const Report& report, Group group) {
  std::set<std::string> payloads;
  for (const Finding* finding : group) {
    if (const auto payload = text_detail(*finding, "payload"); !payload.empty()) payloads.insert(payload);
  }
  if (payloads.empty() || payloads.size() > kMostFiles || report.hub_cache.empty()) return {};
  std::string command = "rm -f --";
  for (const auto& payload : payloads)
    command.append(" ").append(shell_quote(report.hub_cache + "/" + payload));
  return command + " && ";
}

// Content that is here and wrong: a pull finds that out by itself. A blob has no name to ask for.
std::string download_again(const Report& report, Group group) {
  if (std::all_of(group.begin(), group.end(), is_unwanted)) return on_paths(report, group, "rm -f --");
  const auto files = included_files(report, group, kMostFiles);
  if (!files) return download_after_removal(report, group);
  const std::string command = download(report, *group.front(), *files);
  return command.empty() ? command : removal_of_payloads(report, group) + command;
}

// The cache's user is, but for --owner, whoever owns the folder that the hub cache lies in.
std::string home_of_owner(const Report& report) {
  if (const LookedAt* local = place_named_by_option(report, "--local-dir")) return local->path;
  return report.hub_cache.starts_with(report.hf_home + "/") ? report.hf_home : report.hub_cache;
}

std::string change_owner(const Report& report, Group group) {
  const std::string named = text_detail(*group.front(), "wanted_owner");
  const std::string home = home_of_owner(report);
  if (named.empty() && home.empty()) return {};
  const std::string who = named.empty() ? fmt::format("--reference={}", shell_quote(home)) : shell_quote(named);
  return on_paths(report, group, fmt::format("sudo chown -R {}", who));
}

std::string open_up(const Report& report, Group group) {
  const auto has_more_below = [](const Finding* finding) { return number_detail(*finding, "below").has_value(); };
  const bool deep = std::any_of(group.begin(), group.end(), has_more_below);
  return on_paths(report, group, deep ? "chmod -R u+rwX --" : "chmod u+rwX --");
}

std::string look_at_process(const Finding& finding) {
  const auto pid = number_detail(finding, "pid");
  return pid ? fmt::format("ps -o pid,user,etime,args -p {}", *pid) : std::string();
}

}  // namespace

std::string advice(const Report& report, Group group) {
  if (group.empty()) return {};
  switch (remedy_of(group.front()->id)) {
    case Remedy::none:
      return {};
    case Remedy::download:
      return download_missing(report, group);
    case Remedy::replace:
      return download_again(report, group);
    case Remedy::relink:
      return download_after_removal(report, group);
    case Remedy::remove:
      return on_paths(report, group, "rm -f --");
    case Remedy::remove_tree:
      return on_paths(report, group, "rm -rf --");
    case Remedy::prune: {
      const std::string find = on_paths(report, group, "find");
      return find.empty() ? find : find + " -type d -empty -delete";
    }
    case Remedy::chown:
      return change_owner(report, group);
    case Remedy::chmod:
      return open_up(report, group);
    case Remedy::hide:
      return on_paths(report, group, "chmod 600 --");
    case Remedy::look_at_process:
      return look_at_process(*group.front());
    case Remedy::look_at_space:
      return report.hub_cache.empty() ? std::string() : fmt::format("df -h {}", shell_quote(report.hub_cache));
  }
  return {};
}

}  // namespace hfaudit::report
