// # orphan-blob
//
// A blob that no entry of a snapshot uses, or content of the shared store `hub/blobs/` that no repo
// links to. Before removing it, consider folders outside the cache: huggingface_hub before 0.23
// filled `--local-dir` folders with links to blobs.
//
// Why it matters: it takes space.
//
// Not raised: if anything of the repo was unreadable, since an entry or a listing may use the blob;
// for a blob of the last ten seconds while a process downloads; for a blob that the listing wants
// (missing-file). Content of the shared store counts only if all repos were scanned.
//
// Causes: a revision that was removed by hand, `hf cache rm` of a repo by a client that ignores the
// shared store, a client without listings that was killed before it made the entry.
#include "cache/blob_name.hpp"
#include "rules/check_home.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

void check_orphan_blob(RepoCheck& c) {
  if (!c.absence_counts() || !c.repo.unreadable.empty()) return;
  const bool busy = c.is_busy();
  // between a blob's rename and its entry
  constexpr std::int64_t just_now_ns = 10LL * 1'000'000'000;
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto& blob = c.repo.blobs[i];
    if (c.used_blobs[i] || c.unlinked_blobs[i] || !looks_like_etag(blob.name)) continue;
    if (busy && c.context.now_ns - blob.meta.mtime_ns < just_now_ns) continue;
    const auto* content = blob.content();
    const bool gone = blob.is_link() && content == nullptr;
    auto& finding = c.raise(
        FindingId::orphan_blob, "blobs/" + blob.name,
        gone ? "a link to shared content that is gone, used by nothing" : "no snapshot uses it");
    finding.bytes = content != nullptr && !blob.shared ? content->allocated : 0;
    finding.seen = identity_of(blob.meta);
  }
}

void check_orphan_payload(RepoCheck& c, const std::vector<Payload>& payloads,
                          const std::set<FileKey>& used) {
  for (const auto& payload : payloads) {
    if (used.contains(payload.meta.key)) continue;
    auto& finding =
        c.raise(FindingId::orphan_blob, payload.path, "shared content that no repo here uses");
    finding.bytes = payload.meta.allocated;
    finding.seen = identity_of(payload.meta);
  }
}

}  // namespace hfaudit
