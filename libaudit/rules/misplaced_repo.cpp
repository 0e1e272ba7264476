// # misplaced-repo
//
// A repo folder lies in `HF_HOME` itself, beside the hub cache. It stays unjudged: `--cache-dir`
// with `HF_HOME` scans it.
//
// Why it matters: clients that go by `HF_HOME` search only the hub cache below it, and download the
// repo again.
//
// Not raised: where the hub cache is `HF_HOME` itself (`HF_HUB_CACHE`), and with `--cache-dir`.
//
// Causes: a script that gives `HF_HOME` to a client as its `cache_dir`. `TRANSFORMERS_CACHE` set to
// it. A folder that was copied one level too high.
//
// # duplicate-repo
//
// One repo is here twice. Its name stands in two spellings in the hub cache, which differ in the
// case of letters, and the Hub takes both for one; or it lies in the hub cache and in `HF_HOME`
// itself.
//
// Why it matters: its bytes are here twice, and a client that uses the other spelling offline may
// find another revision.
//
// Not raised: for repos of different types.
//
// Causes: clients name the folder as the user typed it, whatever the Hub's spelling.
#include <algorithm>
#include <map>

#include "base/shell.hpp"
#include "base/text.hpp"
#include "rules/check_home.hpp"

namespace hfaudit {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), to_lower);
  return text;
}

Finding& raise(RepoCheck& c, FindingId id, const std::string& path, const std::string& folder,
               std::string message) {
  auto& finding = c.raise(id, path, std::move(message));
  finding.repo = parse_repo_folder(folder);
  return finding;
}

void raise_duplicate(RepoCheck& c, const std::string& path, const std::string& folder,
                     const std::string& other) {
  raise(c, FindingId::duplicate_repo, path, folder, "the same repo as " + printable(other))
      .details.emplace_back(detail_key::other, other);
}

}  // namespace

void check_misplaced_repo(RepoCheck& c, const HomeInventory& home) {
  std::map<std::string, std::string> known;  // by the name in lower case: the folder
  for (const auto& folder : home.repo_folders) {
    if (home.aliases.contains(folder)) continue;
    const auto [other, fresh] = known.emplace(lower(folder), folder);
    const auto place = [&](const std::string& name) { return home.prefix + name; };
    if (!fresh) raise_duplicate(c, place(folder), folder, place(other->second));
  }
  for (const auto& misplaced : home.misplaced) {
    // --hf-home with the hub cache itself is a usage error; the repos stay in place then
    const bool is_hub = home.home.ends_with("/hub");
    auto message =
        printable(misplaced.reason) +
        " lies in HF_HOME itself, where clients do not find it: use it with --cache-dir " +
        shell_quote(home.home) + " (for clients: HF_HUB_CACHE)";
    if (!is_hub) message += ", or move it to " + printable(home.hub);
    auto& finding =
        raise(c, FindingId::misplaced_repo, misplaced.path, misplaced.reason, std::move(message));
    finding.details.emplace_back(detail_key::folder, home.home);
    const auto other = known.find(lower(misplaced.reason));
    if (other != known.end())
      raise_duplicate(c, misplaced.path, misplaced.reason, home.prefix + other->second);
  }
}

}  // namespace hfaudit
