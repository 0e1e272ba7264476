// The pass over files that the manifest lists and that are absent.
#include <algorithm>
#include <set>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

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
    state.missing.emplace_back(file.path);
    if (state.live) continue;  // it is being downloaded
    is_shard(file) ? raise_missing_shard(c, state, file) : raise_missing_file(c, state, file);
  }
  // A file that only the tree lists was wanted if the whole revision was, or if the user named it.
  const bool all_wanted = state.whole_wanted || state.wanted_partial || state.live ||
                          !c.context.filter.empty() || state.evidence->locked.has_value();
  const bool nothing_at_all = state.revision->entries.empty();
  for (const auto* file : listed) {
    if (!all_wanted) {
      state.unwanted.emplace_back(file->path);
      continue;
    }
    state.incomplete = true;
    state.missing.emplace_back(file->path);
    const bool nothing_stands_for_it = nothing_at_all && state.nothing_here_raised;
    if (!state.live && !nothing_stands_for_it) raise_missing_file(c, state, *file);
  }
}

}  // namespace

// A path that ends with a slash is the folder of a diffusers component: any entry in it counts.
bool has_entry(const RevisionState& state, std::string_view path) {
  const auto holds = [&](const Revision& revision) {
    const auto& entries = revision.entries;
    const auto at =
        std::lower_bound(entries.begin(), entries.end(), path,
                         [](const Entry& entry, std::string_view p) { return entry.path < p; });
    return at != entries.end() &&
           (at->path == path || (path.ends_with('/') && at->path.starts_with(path)));
  };
  return holds(*state.revision) ||
         std::any_of(state.companions.begin(), state.companions.end(),
                     [&](const Revision* other) { return holds(*other); });
}

void check_files(RepoCheck& c) {
  for (auto& state : c.states) {
    if (!c.absence_counts()) continue;
    check_unlinked_blobs(c, state);
    check_lock_evidence(c, state);
    check_wrong_targets(c, state);
    check_nothing_here(c, state);
    check_unattributed_download(c, state);
    check_absent(c, state);
    check_missing_weights(c, state);
  }
}

}  // namespace hfaudit
