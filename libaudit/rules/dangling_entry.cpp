// # dangling-entry
//
// An entry of a snapshot is a link, and its blob is absent. If the right content is here under the
// name that the listing gives, the repair makes a new link; else it downloads the file.
//
// Why it matters: the file cannot be loaded. One such link makes huggingface_hub leave the whole
// repo out of its list of cached repos.
//
// Not raised: while two scans a moment apart differ; if a folder of the repo was unreadable; for a
// blob that is itself a link (shared-blob-broken, escaping-entry).
//
// Causes: a blob that was deleted by hand, a copy of the cache without its blobs, or a cache that
// was moved after huggingface_hub 0.13.0 to 0.13.2 had made links that are not relative.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_dangling_entry(RepoCheck& c, RevisionState& state, const Entry& entry) {
  auto& finding = c.raise(FindingId::dangling_entry, c.place(state, entry.path),
                          printable(entry.path) + " points at content that is not here", &state);
  add_relink(c, state, entry, finding);
  if (finding.fix != fix::relink)
    finding.details.emplace_back(detail_key::blob,
                                 entry.target.substr(entry.target.rfind('/') + 1));
}

}  // namespace hfaudit
