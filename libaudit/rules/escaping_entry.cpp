// # escaping-entry
//
// An entry of a snapshot, or a blob, is a link that leads out of its repo. The content there is
// left unread.
//
// Why it matters: the content can change or disappear without a trace in the cache. In a cache of
// another user such a link can lead a program to files that are private.
//
// Not raised: for a blob that links into the shared store `hub/blobs/`; for a link by absolute path
// that stays in the repo; in a `--local-dir` download, where huggingface_hub before 0.23 linked
// large files into the cache.
//
// Causes: a link that was made by hand to save space. Known clients link inside the repo.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_escaping_entry(RepoCheck& c, RevisionState& state, const Entry& entry) {
  add_relink(c, state, entry,
             c.raise(FindingId::escaping_entry, c.place(state, entry.path),
                     printable(entry.path) + " is a link that leads outside this repo, to " +
                         printable(entry.target),
                     &state));
}

void raise_escaping_blob(RepoCheck& c, RevisionState& state, const Entry& entry, const Blob& blob) {
  auto& finding = c.raise(FindingId::escaping_entry, "blobs/" + blob.name,
                          "the blob of " + printable(entry.path) + " leads outside the cache, to " +
                              printable(blob.link),
                          &state);
  finding.seen = identity_of(blob.meta);
  finding.details.emplace_back(detail_key::file, entry.path);
}

}  // namespace hfaudit
