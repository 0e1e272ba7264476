// # orphan-partial
//
// A partial file whose blob is complete, that is unwanted by the revisions here, or beside which a
// running process downloads the same blob. Also a partial whose name omits its blob: `tmpXXXXXXXX`
// in the hub folder (huggingface_hub 0.8 to 0.22), a file in `hub/tmp/` (hf-hub 0.2 and 0.3),
// `datasets/downloads/*.incomplete`.
//
// Why it matters: it takes space, up to the size of the file. No client uses it again.
//
// Not raised: while a process writes it; in a repo without any revision, where the partial is the
// only evidence (incomplete-download).
//
// Causes: a client that was killed, and a second run that downloaded the file anew. huggingface_hub
// from 1.18 on begins a new partial file in each run.
#include "rules/rules.hpp"

namespace hfaudit {

void raise_orphan_partial(RepoCheck& c, const Partial& partial, const std::string& why,
                          bool blob_is_complete) {
  auto& finding = c.raise(FindingId::orphan_partial, partial.path, why);
  finding.bytes = bytes_freed_by_removal(partial.meta);
  finding.seen = identity_of(partial.meta);
  if (blob_is_complete) finding.details.emplace_back(detail_key::blob, partial.etag);
}

}  // namespace hfaudit
