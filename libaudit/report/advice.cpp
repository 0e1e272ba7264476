#include "report/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "hfaudit/render.hpp"

namespace hfaudit::report {
namespace {

using Group = std::span<const Finding* const>;

constexpr std::size_t kMostNames = 8;  // more of them make no command that anybody would paste
// But a command without the names would download the whole repo again.
constexpr std::size_t kMostFiles = 32;

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '-';
}

std::string on_disk(const Report& report, const std::string& path) {
  if (path.starts_with('/') || report.hf_home.empty()) return path;
  return path.empty() ? report.hf_home : report.hf_home + "/" + path;
}

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

std::string text_detail(const Finding& finding, std::string_view key) {
  for (const auto& [name, value] : finding.details) {
    const auto* text = std::get_if<std::string>(&value);
    if (name == key && text != nullptr) return *text;
  }
  return {};
}

std::optional<std::uint64_t> number_detail(const Finding& finding, std::string_view key) {
  for (const auto& [name, value] : finding.details) {
    const auto* number = std::get_if<std::uint64_t>(&value);
    if (name == key && number != nullptr) return *number;
  }
  return std::nullopt;
}

const LookedAt* place_named_by_option(const Report& report, std::string_view option) {
  const auto by_option = [option](const LookedAt& place) { return place.because == option; };
  const auto at = std::find_if(report.looked_at.begin(), report.looked_at.end(), by_option);
  return at == report.looked_at.end() ? nullptr : &*at;
}

// The options that make `hf` work on the same folder that was audited.
std::string same_place(const Report& report) {
  if (const LookedAt* local = place_named_by_option(report, "--local-dir")) {
    return fmt::format(" --local-dir {}", shell_quote(local->path));
  }
  const bool elsewhere = place_named_by_option(report, "--cache-dir") != nullptr ||
                         place_named_by_option(report, "--hf-home") != nullptr;
  if (!elsewhere || report.hub_cache.empty()) return {};
  return fmt::format(" --cache-dir {}", shell_quote(report.hub_cache));
}

// What `hf download` takes for --revision: the finding's commit, or the ref that it is about.
std::string revision_of(const Finding& finding) {
  if (is_commit_hash(finding.revision)) return finding.revision;
  constexpr std::string_view kRefs = "/refs/";
  const std::size_t at = finding.path.find(kRefs);
  return at == std::string::npos ? std::string() : finding.path.substr(at + kRefs.size());
}

// The name in its repo of the file that the finding is about; empty where it is about none.
std::string file_of(const Report& report, const Finding& finding) {
  if (const LookedAt* local = place_named_by_option(report, "--local-dir")) {
    const std::string path = on_disk(report, finding.path);
    return path.starts_with(local->path + "/") ? path.substr(local->path.size() + 1) : std::string();
  }
  constexpr std::string_view kSnapshots = "/snapshots/";
  const std::size_t at = finding.path.find(kSnapshots);
  if (at == std::string::npos) return {};
  const std::size_t slash = finding.path.find('/', at + kSnapshots.size());
  return slash == std::string::npos ? std::string() : finding.path.substr(slash + 1);
}

// `hf download` of the repo, or of `files` in it. Empty for a repo that cannot be on the Hub.
std::string download(const Report& report, const Finding& finding, const std::string& files) {
  if (!finding.repo) return {};
  const RepoId& repo = finding.repo.value();
  const bool plausible =
      !repo.id.empty() && repo.id.front() != '-' &&
      std::all_of(repo.id.begin(), repo.id.end(), [](char c) { return c == '/' || is_name_character(c); });
  if (!plausible) return {};

  std::string command = "hf download " + repo.id + files;
  if (repo.type != RepoType::model) command.append(" --repo-type ").append(to_string(repo.type));
  const std::string revision = revision_of(finding);
  if (!revision.empty() && revision != "main") command.append(" --revision ").append(shell_quote(revision));
  return command + same_place(report);
}

std::string download_all(const Report& report, Group group) {
  return download(report, *group.front(), {});
}

// Content that is here and wrong: a plain download would leave it in place.
std::string download_again(const Report& report, Group group) {
  std::set<std::string> files;
  for (const Finding* finding : group)
    files.insert(file_of(report, *finding));
  const bool nameable = std::none_of(files.begin(), files.end(),
                                     [](const std::string& file) { return file.empty() || file.front() == '-'; });
  if (!nameable) {
    const std::string removal = on_paths(report, group, "rm -f --");
    const std::string all = download_all(report, group);
    return removal.empty() || all.empty() ? std::string() : removal + " && " + all;
  }
  std::string words;
  if (files.size() <= kMostFiles) {
    for (const std::string& file : files)
      words.append(" ").append(shell_quote(file));
  }
  const std::string command = download(report, *group.front(), words);
  return command.empty() ? command : command + " --force-download";
}

std::string change_owner(const Report& report, Group group) {
  const std::string owner = text_detail(*group.front(), "wanted_owner");
  const std::string who =
      owner.empty() ? fmt::format("--reference={}", shell_quote(report.hf_home)) : shell_quote(owner);
  return owner.empty() && report.hf_home.empty() ? std::string() : on_paths(report, group, "sudo chown -R " + who);
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

std::string shell_quote(std::string_view word) {
  const auto is_plain = [](char c) {
    return is_name_character(c) || (c != '\0' && std::string_view("/:@%+=,").find(c) != std::string_view::npos);
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);

  const std::string shown = printable(word);
  const bool as_it_is = shown == word;
  std::string quoted = as_it_is ? "'" : "$'";
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (as_it_is) {
      quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    } else if (c == '\'' || c == '\\') {
      quoted.append("\\").append(1, c);
    } else if (c >= ' ' && c <= '~') {
      quoted += c;
    } else {
      // Three octal digits end by themselves; \x would swallow a digit that follows.
      const auto value = static_cast<unsigned char>(c);
      quoted += '\\';
      for (const unsigned shift : {6U, 3U, 0U})
        quoted += static_cast<char>('0' + ((value >> shift) & 7U));
    }
  }
  return quoted + "'";
}

std::string advice(const Report& report, Group group) {
  using Id = FindingId;
  if (group.empty()) return {};
  switch (group.front()->id) {
    case Id::incomplete_download:
    case Id::dangling_entry:
    case Id::missing_file:
    case Id::missing_shard:
    case Id::missing_weights:
    case Id::nothing_here:
    case Id::ref_malformed:
      return download_all(report, group);
    case Id::entry_to_partial:
    case Id::escaping_entry:
    case Id::size_mismatch:
    case Id::truncated_file:
    case Id::lfs_pointer:
    case Id::not_the_content:
    case Id::digest_mismatch:
    case Id::shared_blob_broken:
      return download_again(report, group);
    case Id::orphan_partial:
    case Id::stale_no_exist:
    case Id::stale_lock:
    case Id::orphan_blob:
    case Id::tree_malformed:
      return on_paths(report, group, "rm -f --");
    case Id::temp_debris:
      return on_paths(report, group, "rm -rf --");
    case Id::empty_snapshot:
      return group.size() > 1 ? std::string() : on_paths(report, group, "find") + " -type d -empty -delete";
    case Id::foreign_owner:
      return change_owner(report, group);
    case Id::no_access:
      return open_up(report, group);
    case Id::exposed_token:
      return on_paths(report, group, "chmod 600 --");
    case Id::stalled_download:
      return look_at_process(*group.front());
    case Id::low_disk_space:
      return report.hub_cache.empty() ? std::string() : fmt::format("df -h {}", shell_quote(report.hub_cache));
    case Id::download_in_progress:
    case Id::conflicting_digests:
    case Id::unverifiable:
    case Id::ref_dangling:
    case Id::detached_revision:
    case Id::idle_lock:
    case Id::unrecognized_entry:
      return {};
  }
  return {};
}

}  // namespace hfaudit::report
