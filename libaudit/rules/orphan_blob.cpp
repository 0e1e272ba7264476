// # orphan-blob
//
// A blob that no entry of a snapshot uses, or content of the shared store `hub/blobs/` that no repo
// links to. Before removing it, consider folders outside the cache: huggingface_hub before 0.23
// filled `--local-dir` folders with links to blobs.
//
// Why it matters: it takes space. A file with other hard links stays on the disk when this name is
// removed: it counts as 0 bytes.
//
// Not raised: if anything of the repo was unreadable, since an entry or a listing may use the blob;
// for a blob of the last ten seconds while a process downloads; for a blob that the listing wants
// (missing-file); for a blob that is the very file of an entry, by a hard link. Content of the
// shared store counts only if all repos were scanned.
//
// Causes: a revision that was removed by hand, `hf cache rm` of a repo by a client that ignores the
// shared store, a client without listings that was killed before it made the entry.
#include <set>

#include "cache/blob_name.hpp"
#include "rules/check_home.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// Where symbolic links are impossible, some programs make hard links of blobs.
std::set<FileKey> files_of_copies(const RepoCheck& c) {
  std::set<FileKey> keys;
  for (const auto& revision : c.repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (entry.kind == EntryKind::copy && entry.meta.links > 1) keys.insert(entry.meta.key);
    }
  }
  return keys;
}

}  // namespace

void check_orphan_blob(RepoCheck& c) {
  if (!c.absence_counts() || !c.repo.unreadable.empty()) return;
  const bool busy = c.is_busy();
  const auto copies = files_of_copies(c);
  // between a blob's rename and its entry
  constexpr std::int64_t just_now_ns = 10LL * 1'000'000'000;
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto& blob = c.repo.blobs[i];
    if (c.used_blobs[i] || c.unlinked_blobs[i] || !looks_like_etag(blob.name)) continue;
    if (busy && c.context.now_ns - blob.meta.mtime_ns < just_now_ns) continue;
    const auto* content = blob.content();
    if (content != nullptr && copies.contains(content->key)) continue;
    const bool gone = blob.is_link() && content == nullptr;
    const bool linked = content != nullptr && !blob.shared && content->links > 1;
    auto& finding = c.raise(FindingId::orphan_blob, "blobs/" + blob.name,
                            gone     ? "a link to shared content that is gone, used by nothing"
                            : linked ? "no snapshot uses it; its other hard links keep the space"
                                     : "no snapshot uses it");
    finding.bytes = content != nullptr && !blob.shared ? bytes_freed_by_removal(*content) : 0;
    finding.seen = identity_of(blob.meta);
  }
}

void check_orphan_payload(RepoCheck& c, const std::vector<Payload>& payloads,
                          const std::set<FileKey>& used) {
  for (const auto& payload : payloads) {
    if (used.contains(payload.meta.key)) continue;
    auto& finding =
        c.raise(FindingId::orphan_blob, payload.path, "shared content that no repo here uses");
    finding.bytes = bytes_freed_by_removal(payload.meta);
    finding.seen = identity_of(payload.meta);
  }
}

}  // namespace hfaudit
