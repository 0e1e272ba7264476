// # lost-link
//
// An entry of a snapshot should be a link to content that is here, and the link was lost: the entry
// is a small text file that holds the link's text, an empty file whose listed content is here, a
// link with the separators of another system, or a link to a path of an older home. Also a revision
// whose snapshot is gone or empty, while its blobs are here and no entry uses them. The repair
// makes the links again without downloading; if the cache lacks the names of the blobs,
// hfaudit-pull(1) asks the Hub for the names alone.
//
// Why it matters: clients find no file, or read the link's text as if it was the content.
//
// Not raised: if the content is absent (dangling-entry, nothing-here); for a `--local-dir`
// download, whose files are copies.
//
// Causes: git without `core.symlinks`, OneDrive, Dropbox and other sync tools, copies by way of
// Windows, SMB or exFAT, object stores and archives that leave links out or make empty files of
// them. A cache that was moved after huggingface_hub 0.13.0 to 0.13.2 had made absolute links.
#include <algorithm>

#include "base/sum.hpp"
#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

void raise_lost_link(RepoCheck& c, RevisionState& state, const Entry& entry) {
  const bool backslashes = entry.target.find('\\') != std::string::npos;
  const char* const what = entry.text_file ? " is a text file that holds the text of a link"
                           : entry.kind == EntryKind::copy ? " is an empty file in place of a link"
                           : backslashes ? " is a link as another system writes it"
                                         : " is a link to a path that is gone";
  auto& finding = c.raise(FindingId::lost_link, c.place(state, entry.path),
                          printable(entry.path) + what + "; its content is here", &state);
  if (entry.text_file || entry.kind == EntryKind::copy) finding.seen = identity_of(entry.meta);
  add_relink(c, state, entry, finding);
}

namespace {

// Unused blobs.
struct Unused {
  std::size_t blobs = 0;
  std::uint64_t bytes = 0;
};

// Blobs beside another snapshot may belong to an older revision: then the result is empty.
Unused unused_blobs(RepoCheck& c) {
  Unused unused;
  const bool any_entry =
      std::any_of(c.repo.revisions.begin(), c.repo.revisions.end(),
                  [](const Revision& revision) { return !revision.entries.empty(); });
  if (any_entry || c.context.local_dir || !c.absence_counts()) return unused;
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto* content = c.repo.blobs[i].content();
    if (c.used_blobs[i] || content == nullptr || !looks_like_etag(c.repo.blobs[i].name)) continue;
    ++unused.blobs;
    add_size(unused.bytes, content->size);
    c.unlinked_blobs[i] = true;
  }
  return unused;
}

void raise_lost_snapshot(RepoCheck& c, const std::string& path, const Unused& unused,
                         const RevisionState* state) {
  auto& finding = c.raise(FindingId::lost_link, path,
                          "no entry is here, and " + std::to_string(unused.blobs) +
                              (unused.blobs == 1 ? " blob is (" : " blobs are (") +
                              human_bytes(unused.bytes) + "): the links were lost",
                          state);
  finding.fix = fix::pull;
  finding.details.emplace_back(detail_key::wanted, std::string(detail_key::all_files));
}

}  // namespace

// All links are gone: blobs without an entry, and a revision without entries.
bool check_lost_snapshot(RepoCheck& c, RevisionState& state) {
  if (!state.revision->entries.empty()) return false;
  const auto unused = unused_blobs(c);
  if (unused.blobs == 0) return false;
  raise_lost_snapshot(c, "snapshots/" + state.revision->commit, unused, &state);
  return true;
}

// Refs and snapshots are gone.
void check_lost_repo(RepoCheck& c) {
  if (!c.states.empty() || c.is_busy() || !c.repo.partials.empty()) return;
  const auto unused = unused_blobs(c);
  if (unused.blobs != 0) raise_lost_snapshot(c, "", unused, nullptr);
}

}  // namespace hfaudit
