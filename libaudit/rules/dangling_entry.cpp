// # dangling-entry
//
// An entry of a snapshot is a link, and its blob is absent. The repair downloads the file.
//
// Why it matters: the file cannot be loaded. One such link makes huggingface_hub leave the whole
// repo out of its list of cached repos.
//
// Not raised: if the content is here and only the link is wrong (lost-link); while two scans a
// moment apart differ; if a folder of the repo was unreadable; for a blob that is itself a link
// (shared-blob-broken, escaping-entry).
//
// Causes: a blob that was deleted by hand, or a copy of the cache without its blobs.
#include "base/path.hpp"
#include "cache/link_target.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

void raise_dangling_entry(RepoCheck& c, RevisionState& state, const Entry& entry) {
  auto& finding = c.raise(FindingId::dangling_entry, c.place(state, entry.path),
                          printable(entry.path) + " is a link to content that is not here", &state);
  add_relink(c, state, entry, finding);
  if (finding.fix == fix::relink) return;
  const auto named = blob_named_by(entry.target);
  finding.details.emplace_back(detail_key::blob, named.empty()
                                                     ? std::string(last_component(entry.target))
                                                     : std::string(named));
  const auto* file = find_expected(state.manifest, entry.path);
  if (file != nullptr && file->size)
    finding.details.emplace_back(detail_key::expected, *file->size);
}

}  // namespace hfaudit
