// # ref-malformed
//
// A file below `refs/` is empty, holds other text than a commit hash, holds a commit with blanks or
// a newline around it, or is something else than a regular file. The repair writes the commit that
// the file holds, else that of the newest snapshot without a ref. Without either it downloads the
// revision.
//
// Why it matters: clients map a branch to its snapshot by this file alone. The Python client keeps
// a newline and then misses the snapshot.
//
// Not raised: for the temporary file of a ref, which is temp-debris; for a file or folder whose
// name no branch can have, or that an operating system leaves, which is an unrecognized-entry; for
// a link to another ref beside it, which clients follow.
//
// Causes: a client that was killed between opening the file and writing it. huggingface_hub before
// 1.18, its snapshot_download in every version, huggingface.js and hf-hub write refs in place.
// Editors and shells add a newline.
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// The commit that a malformed ref should name, as far as the cache shows, else empty.
std::string commit_for(const RepoCheck& c, const Ref& ref) {
  if (!ref.commit.empty()) return ref.commit;
  const Revision* best = nullptr;
  for (const auto& state : c.states) {
    const auto* revision = state.revision;
    if (!state.refs.empty() || revision->entries.empty() || !is_commit_hash(revision->commit))
      continue;
    if (best == nullptr || revision->born_ns > best->born_ns) best = revision;
  }
  return best == nullptr ? std::string() : best->commit;
}

}  // namespace

void check_ref_malformed(RepoCheck& c) {
  for (const auto& ref : c.repo.refs) {
    if (ref.failure.empty()) continue;
    auto& finding = c.raise(FindingId::ref_malformed, "refs/" + ref.name,
                            "the ref " + printable(ref.name) + " " + ref.failure);
    finding.revision = ref.commit;
    finding.seen = identity_of(ref.meta);
    finding.details.emplace_back(detail_key::ref, ref.name);
    if (const auto commit = commit_for(c, ref);
        !commit.empty() && ref.meta.type == FileType::regular) {
      finding.fix = fix::set_ref;
      finding.details.emplace_back(detail_key::commit, commit);
    }
  }
}

}  // namespace hfaudit
