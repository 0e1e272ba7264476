#include "audit/lookup.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.hpp"
#include "hfaudit/render.hpp"
#include "os/fs.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t most_suggestions = 3;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), to_lower);
  return text;
}

std::string name_part(const std::string& id) {
  return id.substr(id.rfind('/') + 1);
}

// The repo folders of a hub cache, or empty where it is unreadable.
std::vector<RepoId> repos_in(const std::string& hub) {
  constexpr std::size_t most_repos = 100'000;
  std::vector<RepoId> repos;
  const auto folder = os::Directory::open_root(hub);
  if (!folder) return repos;
  (void)folder->list([&](const os::DirectoryEntry& entry) {
    if (entry.type == FileType::regular || repos.size() == most_repos) return;
    if (auto repo = parse_repo_folder(entry.name)) repos.push_back(std::move(*repo));
  });
  std::sort(repos.begin(), repos.end());
  return repos;
}

// Insertions, deletions and replacements that make one text the other; for short texts.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

bool is_similar(const std::string& a, const std::string& b) {
  constexpr std::size_t longest = 96, letters_per_edit = 6, most_edits = 3;
  if (name_part(a) == name_part(b)) return true;
  if (a.size() > longest || b.size() > longest) return false;
  return edit_distance(a, b) <= std::min(a.size() / letters_per_edit, most_edits);
}

// "the dataset datasets/acme/d": the type is what differs.
enum class Types : std::uint8_t { left_out, named };

std::string question(const std::vector<RepoId>& repos, Types types = Types::left_out) {
  if (repos.empty()) return {};
  std::string text = "did you mean ";
  for (std::size_t i = 0; i < std::min(repos.size(), most_suggestions); ++i)
    text += std::string(i == 0 ? "" : " or ") +
            (types == Types::named ? "the " + std::string(to_string(repos[i].type)) + " " : "") +
            printable(repos[i].name());
  return text + "?";
}

// Other folders on this machine that hold the repos of a cache.
std::vector<std::string> other_hubs(const Layout& layout) {
  const auto environment = system_environment();
  std::vector<std::string> hubs;
  const auto add = [&](std::string path) {
    while (path.size() > 1 && path.ends_with('/'))
      path.pop_back();
    const bool known =
        path == layout.hub_cache.path || std::find(hubs.begin(), hubs.end(), path) != hubs.end();
    if (path.starts_with('/') && !known) hubs.push_back(std::move(path));
  };
  add(layout.hf_home.path);
  add(layout.hf_home.path + "/hub");
  add(layout.hub_cache.path + "/hub");
  add(layout.hub_cache.path.substr(0, layout.hub_cache.path.rfind('/')));
  for (const char* variable : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE",
                               "PYTORCH_TRANSFORMERS_CACHE", "DIFFUSERS_CACHE"}) {
    if (const auto path = environment.get(variable)) add(*path);
  }
  const Layout usual = find_layout(environment, {});
  add(usual.hub_cache.path);
  add(usual.hf_home.path);
  if (const auto home = environment.get("HOME")) add(*home + "/.cache/huggingface/hub");
  if (const auto user = environment.get("SUDO_USER")) {
    if (const auto home = environment.home_of(*user)) {
      add(*home + "/.cache/huggingface/hub");
      add(*home + "/.cache/huggingface");
    }
  }
  return hubs;
}

std::string use_of(const std::string& hub) {
  return "use --cache-dir " + printable(hub) + " (for clients: HF_HUB_CACHE)";
}

}  // namespace

std::string find_elsewhere(const Layout& layout, const RepoId& repo) {
  const auto id = lower(repo.id);
  const auto here = repos_in(layout.hub_cache.path);
  std::vector<RepoId> spelled, typed, similar;
  for (const auto& other : here) {
    const auto other_id = lower(other.id);
    if (other.type == repo.type && other_id == id)
      spelled.push_back(other);
    else if (other_id == id)
      typed.push_back(other);
    else if (other.type == repo.type && is_similar(id, other_id))
      similar.push_back(other);
  }
  if (!spelled.empty()) return question(spelled);
  if (!typed.empty()) return question(typed, Types::named);
  for (const auto& hub : other_hubs(layout)) {
    for (const auto& other : repos_in(hub)) {
      if (other.type != repo.type || lower(other.id) != id) continue;
      const bool other_name = other.id != repo.id;
      return "a copy" + (other_name ? " (" + printable(other.name()) + ")" : std::string()) +
             " is in " + printable(hub) + ": " + use_of(hub);
    }
  }
  return question(similar);
}

std::string absent_hub_in_words(const Layout& layout) {
  const auto& home = layout.hf_home.path;
  const auto environment = system_environment();
  const auto& because = layout.hub_cache.because;
  const bool variable = because.starts_with("HF_") || because.starts_with("HUGGINGFACE_");
  const bool empty = variable && environment.get(because) == std::string();
  std::string text = "nothing was downloaded yet (" +
                     (because == "default" ? "the default" : "from " + because) +
                     (empty ? ", which is set but empty" : "") + ")";
  for (const auto& hub : other_hubs(layout)) {
    const auto repos = repos_in(hub);
    if (repos.empty()) continue;
    text += "; " + printable(repos.front().folder());
    if (repos.size() > 1) text += " and " + std::to_string(repos.size() - 1) + " more";
    text += repos.size() > 1 ? " are in " : " is in ";
    text += printable(hub) + (hub == home ? " itself: " : ": ") + use_of(hub);
    return text;
  }
  if (because == "--hf-home" || because == "--cache-dir") return text;
  return text + "; if the cache lies elsewhere, set HF_HOME or use --hf-home";
}

}  // namespace hfaudit
