// # nothing-here
//
// A ref names a commit of which no file is here: no entry, no partial file, no lock of a download
// that was begun. Also a commit that was requested by itself.
//
// Why it matters: clients resolve the branch to this commit and find it empty. Offline the repo is
// unusable.
//
// Not raised: if a `.no_exist` marker of the commit explains the ref (ref-dangling); while a
// process downloads the revision; if a folder of the repo was unreadable.
//
// Causes: a client that was killed before the first file. huggingface_hub writes the ref first. A
// `--local-dir` download leaves such a ref in the cache, too.
//
// # empty-snapshot
//
// A folder below `snapshots/` is empty. The repair removes it, or downloads the revision if
// nothing-here is raised as well.
//
// Why it matters: clients that look for the folder alone take the revision for a downloaded one.
//
// Not raised: if a partial file, a held lock or a begun download shows that the revision is wanted,
// or blobs that its links were lost (lost-link); those have their own findings.
//
// Causes: a client that was killed before the first entry. huggingface.js makes the folders of a
// snapshot first.
//
// # ref-dangling
//
// A ref names a commit without a snapshot folder, and a `.no_exist` marker of that commit explains
// it: a client asked for an optional file, the server answered that it is absent, and the client
// wrote the ref and the marker.
//
// Why it matters: the repo is undamaged, but huggingface_hub's list of cached repos reports the
// repo as corrupted.
//
// Not raised: without a marker (nothing-here).
//
// Causes: huggingface_hub from 0.9 on, for instance when transformers looks for an adapter
// configuration.
#include "rules/rules.hpp"

namespace hfaudit {

void check_nothing_here(RepoCheck& c, RevisionState& state) {
  if (!c.absence_counts()) return;
  const bool something =
      state.wanted_partial || state.whole_wanted || state.live || !state.lock_taken.empty();
  if (!state.revision->entries.empty() || something) return;
  if (check_lost_snapshot(c, state)) {
    state.incomplete = state.nothing_here_raised = true;
    return;
  }
  const auto path = c.context.local_dir ? std::string() : "snapshots/" + state.revision->commit;
  if (state.revision->exists) {
    c.raise(FindingId::empty_snapshot, path, "the snapshot has no entry", &state).seen =
        identity_of(state.revision->meta);
  }
  if (state.refs.empty() && c.context.asked_revision.empty()) {
    state.empty_by_choice = true;
    return;
  }
  const bool locked = state.evidence->locked && !state.evidence->locked->files.empty();
  if (c.repo.no_exist.contains(state.revision->commit) && !locked) {
    state.empty_by_choice = true;
    if (!state.revision->exists) {
      c.raise(FindingId::ref_dangling, "refs/" + (state.refs.empty() ? "" : state.refs.front()),
              "names a commit of which a client requested only files that it lacks", &state);
    }
    return;
  }
  state.incomplete = true;
  state.nothing_here_raised = true;
  if (locked) {
    c.raise(FindingId::nothing_here, path,
            "commit " + printable(state.revision->commit.substr(0, 12)) +
                " is in the lock file, and nothing of it is here",
            &state);
    return;
  }
  c.raise(FindingId::nothing_here, state.refs.empty() ? path : "refs/" + state.refs.front(),
          "names commit " + printable(state.revision->commit.substr(0, 12)) +
              ", of which nothing is here (a --local-dir download leaves such a ref, too)",
          &state);
}

}  // namespace hfaudit
