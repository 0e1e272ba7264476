// The pass over the entries of snapshots that lack content.
#include <set>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

void note_missing(RevisionState& state, const Entry& entry) {
  state.incomplete = true;
  state.missing.push_back(entry.path);
}

void check_link(RepoCheck& c, RevisionState& state, const Entry& entry) {
  const bool dangling = !entry.escapes && !entry.to_partial;
  // its blob may lie in the folder that was unreadable
  if (dangling && !c.absence_counts()) return;
  if (dangling && c.context.moving) return;  // a process is removing or making it
  if (entry.escapes) {
    raise_escaping_entry(c, state, entry);
  } else if (entry.to_partial) {
    raise_entry_to_partial(c, state, entry);
  } else if (!c.blob_here(state, entry.path, entry.target).empty()) {
    raise_lost_link(c, state, entry);
  } else {
    raise_dangling_entry(c, state, entry);
  }
  state.whole_wanted = true;
  note_missing(state, entry);
}

}  // namespace

void add_relink(RepoCheck& c, const RevisionState& state, const Entry& entry, Finding& finding) {
  finding.details.emplace_back(detail_key::file, entry.path);
  finding.details.emplace_back(detail_key::target, entry.target);
  const auto blob = c.blob_here(state, entry.path, entry.target);
  if (blob.empty()) return;
  c.unlinked_blobs[static_cast<std::size_t>(c.repo.find_blob(blob))] = true;  // wanted
  finding.fix = fix::relink;
  finding.details.emplace_back(detail_key::blob, blob);
}

void check_entries(RepoCheck& c) {
  std::set<int> reported;  // blobs; each is reported once, however many entries lead to it
  for (auto& state : c.states) {
    for (const auto& entry : state.revision->entries) {
      if (!c.context.filter.accepts(entry.path)) continue;
      if (entry.kind == EntryKind::other) {
        raise_special_file(c, state, entry);
        note_missing(state, entry);
        continue;
      }
      if (entry.kind != EntryKind::link) continue;
      const auto* blob = blob_of(c.repo, entry);
      const bool bad_blob =
          blob != nullptr && blob->is_link() && (blob->escapes || blob->content() == nullptr);
      if (bad_blob) {
        note_missing(state, entry);
        if (!reported.insert(entry.blob).second) continue;
        blob->escapes ? raise_escaping_blob(c, state, entry, *blob)
                      : raise_shared_blob_broken(c, state, entry, *blob);
      } else if (entry.escapes || entry.to_partial || !entry.exists) {
        check_link(c, state, entry);
      }
    }
  }
}

}  // namespace hfaudit
