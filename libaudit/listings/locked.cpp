#include "listings/locked.hpp"

#include <algorithm>

namespace hfaudit {
const LockedRepo* find_locked(const LockedRepos& locked, const RepoId& repo,
                              const std::string& commit) {
  const auto found =
      std::find_if(locked.repos.begin(), locked.repos.end(),
                   [&](const LockedRepo& one) { return one.repo == repo && one.commit == commit; });
  return found == locked.repos.end() ? nullptr : &*found;
}

const LockedFile* find_locked(const LockedRepo& locked, const std::string& path) {
  const auto found =
      std::lower_bound(locked.files.begin(), locked.files.end(), path,
                       [](const LockedFile& file, const std::string& p) { return file.path < p; });
  return found != locked.files.end() && found->path == path ? &*found : nullptr;
}

Tree tree_of(const LockedRepo& locked) {
  Tree tree;
  tree.files.reserve(locked.files.size());
  for (const auto& file : locked.files)
    tree.files.push_back({file.path, file.size, file.git_sha1, file.sha256, ""});
  return tree;
}

// A digest of the other kind is no proof: the download is compared with the locked one.
std::string difference_from(const LockedRepo& locked, const Tree& hub) {
  for (const auto& file : locked.files) {
    const auto* listed = hub.find(file.path);
    if (listed == nullptr) return file.path + " is not in the Hub's listing of that commit";
    const bool same_kind = file.sha256.empty() || !listed->lfs_sha256.empty();
    const bool differs = file.sha256.empty() ? listed->blob_id != file.git_sha1
                                             : same_kind && listed->lfs_sha256 != file.sha256;
    if (differs || listed->size != file.size)
      return "the Hub lists other content of " + file.path + " at that commit";
  }
  return {};
}

}  // namespace hfaudit
