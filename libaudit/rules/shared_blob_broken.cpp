// # shared-blob-broken
//
// A blob is a link into the shared store `hub/blobs/`, and the content there is absent or has
// another size than the listing gives.
//
// Why it matters: every repo that links to this content is damaged. Clients trust content in the
// store that has the right size, without a hash.
//
// Not raised: for an unused link into the store (orphan-blob). Content of the right size and the
// wrong hash is a digest-mismatch.
//
// Causes: a file of the store that was deleted by hand. huggingface_hub
// from 1.32 on keeps content that came by Xet in the store.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_shared_blob_broken(RepoCheck& c, RevisionState& state, const Entry& entry,
                              const Blob& blob) {
  auto& finding =
      c.raise(FindingId::shared_blob_broken, "blobs/" + blob.name,
              "the shared content of " + printable(entry.path) + " is not here", &state);
  finding.seen = identity_of(blob.meta);
  finding.details.emplace_back(detail_key::file, entry.path);
}

}  // namespace hfaudit
