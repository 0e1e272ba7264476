// The pass over files that the manifest lists and that are absent.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// Locks of absent blobs. A client locks a blob when it begins its download, so the file was wanted:
// a lock that is held makes the revision live; one from after the tree was listed shows a file that
// a failed run was about to download. Older ones may be from before an `hf cache rm`, which leaves
// locks behind.
void check_lock_evidence(RepoCheck& c, RevisionState& state) {
  if (!state.manifest.exhaustive && state.detached) return;
  std::unordered_map<std::string_view, const ExpectedFile*> absent;
  for (const auto& file : state.manifest.files) {
    if (!file.etag.empty() && !has_entry(state, file.path)) absent.emplace(file.etag, &file);
  }
  const auto tree =
      std::find_if(c.repo.trees.begin(), c.repo.trees.end(), [&](const ExtraEntry& entry) {
        return entry.path.find(state.revision->commit) != std::string::npos;
      });
  for (const auto& lock : c.repo.locks) {
    const auto file = absent.find(lock.etag);
    const bool listed = file != absent.end();
    if (lock.state == LockState::held) {
      const bool may_be_ours =
          listed || (!state.manifest.exhaustive && c.repo.find_blob(lock.etag) < 0);
      state.live = state.live || (may_be_ours && !lock.etag.empty());
    } else if (listed && tree != c.repo.trees.end() && lock.meta.mtime_ns >= tree->meta.mtime_ns) {
      if (file->second->named_by.empty()) state.lock_taken.insert(file->second->path);
    }
  }
}

// Splits absent files into those that were wanted, which are raised, and the others, which make a
// subset.
void check_absent(RepoCheck& c, RevisionState& state) {
  // before it grows
  const std::set<std::string, std::less<>> reported(state.missing.begin(), state.missing.end());
  std::vector<const ExpectedFile*> listed;
  for (const auto& file : state.manifest.files) {
    if (!c.context.filter.accepts(file.path) || has_entry(state, file.path) ||
        reported.contains(file.path))
      continue;
    if (file.named_by.empty() && !state.lock_taken.contains(file.path)) {
      listed.push_back(&file);
      continue;
    }
    state.incomplete = true;
    state.missing.push_back(file.path);
    if (state.live) continue;  // it is being downloaded
    is_shard(file) ? raise_missing_shard(c, state, file) : raise_missing_file(c, state, file);
  }
  // A file that only the tree lists was wanted if the whole revision was, or if the user named it.
  const bool all_wanted =
      state.whole_wanted || state.wanted_partial || state.live || !c.context.filter.empty();
  const bool nothing_at_all = state.revision->entries.empty();
  for (const auto* file : listed) {
    if (!all_wanted) {
      state.unwanted.push_back(file->path);
      continue;
    }
    state.incomplete = true;
    state.missing.push_back(file->path);
    const bool nothing_stands_for_it = nothing_at_all && state.nothing_here_raised;
    if (!state.live && !nothing_stands_for_it) raise_missing_file(c, state, *file);
  }
}

}  // namespace

// A path that ends with a slash is the folder of a diffusers component: any entry in it counts.
bool has_entry(const RevisionState& state, const std::string& path) {
  const auto& entries = state.revision->entries;
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, const std::string& p) { return entry.path < p; });
  return at != entries.end() &&
         (at->path == path || (path.ends_with('/') && at->path.starts_with(path)));
}

void check_files(RepoCheck& c) {
  for (auto& state : c.states) {
    if (!c.absence_counts()) continue;
    check_unlinked_blobs(c, state);
    check_lock_evidence(c, state);
    check_wrong_targets(c, state);
    check_nothing_here(c, state);
    check_absent(c, state);
    check_missing_weights(c, state);
  }
}

}  // namespace hfaudit
