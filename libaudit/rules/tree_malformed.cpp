// # tree-malformed
//
// A file below `trees/`, where clients keep the listing of a commit, cannot be read: it is cut
// short, is invalid JSON, or names a path outside the snapshot.
//
// Why it matters: completeness is judged by weaker evidence. huggingface_hub ignores such a file
// and fetches the listing again; offline it cannot.
//
// Not raised: for a `.tmp` file beside it (temp-debris), and for an unreadable file, which makes
// the report incomplete instead; for a listing of a later format version, which is ignored.
//
// Causes: a full disk, a copy that was aborted, a file that was edited. huggingface_hub from 1.22
// on keeps listings and replaces them in one step.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {

void check_tree_malformed(RepoCheck& c) {
  for (const auto& [path, why] : c.evidence.bad_trees) {
    auto& finding = c.raise(FindingId::tree_malformed, path,
                            "the cached listing cannot be read: " + printable(why));
    const auto tree =
        std::find_if(c.repo.trees.begin(), c.repo.trees.end(),
                     [&name = path](const ExtraEntry& entry) { return entry.path == name; });
    if (tree != c.repo.trees.end()) finding.seen = identity_of(tree->meta);
  }
}

}  // namespace hfaudit
