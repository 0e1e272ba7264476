#include "repo_path.hpp"

#include <cerrno>

#include "base/format.hpp"
#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"
#include "os/fs.hpp"

namespace hfaudit::cli {
namespace {

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path;
}

// Whether a hub cache is at `path`: it holds the folder of a repo.
bool is_hub(const os::Directory& folder) {
  bool found = false;
  (void)folder.list([&found](const os::DirectoryEntry& entry) {
    found = found || (entry.type != FileType::regular && parse_repo_folder(entry.name));
  });
  return found;
}

// A cache is used from where it lies: elsewhere than in the environment, by --cache-dir.
std::string explain_cached(const CachedPath& cached) {
  const auto layout = find_layout(system_environment(), {});
  const auto here = find_layout(system_environment(), {.hf_home = {}, .hub_cache = cached.hub});
  const bool other = !cached.hub.empty() && here.hub_cache.path != layout.hub_cache.path;
  return formatted("a path is not a REPO; did you mean {}{}?", cached.request.name(),
                   other ? " --cache-dir " + cached.hub : "");
}

}  // namespace

std::string explain_path(const std::string& path) {
  if (const auto cached = parse_cached_path(path)) return explain_cached(*cached);
  const auto named = without_slashes(path);
  const auto folder = os::Directory::open_root(named);
  if (!folder && os::is_absent(folder.error()))
    return formatted("a path is not a REPO, and {} is there (a folder is named by --local-dir)",
                     folder.error().code == ENOTDIR ? "no folder" : "nothing");
  if (!folder) return "a path is not a REPO; a folder is named by --local-dir";
  if (folder->stat("hub"))
    return formatted("a path is not a REPO; did you mean --hf-home {}?", named);
  if (is_hub(*folder))
    return formatted("a path is not a REPO; did you mean --cache-dir {}?", named);
  return formatted("a path is not a REPO; did you mean --local-dir {}?", named);
}

}  // namespace hfaudit::cli
