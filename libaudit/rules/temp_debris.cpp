// # temp-debris
//
// A temporary file or folder of a client that is gone: `tmp_<uuid>` and other probes of
// huggingface_hub, `*.tmp` beside refs and listings, `.lock.break.<pid>.<32 hex>` of filelock,
// `datasets/**/*.incomplete` builds, temporary files of hf_xet, notes of hf-fetch-model without
// their partial file. Also `*.hfaudit.wrong`: wrong content that hfaudit-pull(1) replaced or
// refused and kept for inspection.
//
// Why it matters: it takes space. It is safe to remove while downloads are stopped.
//
// Not raised: for a file of the last hour, which another host of a shared file system may be
// writing; for the notes beside a partial file, which are handled with it. A temporary file of any
// other program is an unrecognized-entry.
//
// Causes: a client that was killed. These files live for milliseconds.
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "listings/file_role.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

namespace {

// The control file of aria2, axel or lftp is evidence as long as its blob is shorter than listed,
// or of unknown length: these programs write to the final name.
bool is_of_unfinished_blob(const RepoCheck& c, const ExtraEntry& entry) {
  if (entry.partial.empty() || !is_notes_name(entry.path)) return false;
  const int blob = c.repo.find_blob(entry.partial);
  if (blob < 0) return false;
  const auto* content = c.repo.blobs[static_cast<std::size_t>(blob)].content();
  if (content == nullptr) return false;
  return std::none_of(c.states.begin(), c.states.end(), [&](const RevisionState& state) {
    const auto& files = state.manifest.files;
    return std::any_of(files.begin(), files.end(), [&](const ExpectedFile& file) {
      return file.etag == entry.partial && file.size && *file.size == content->size;
    });
  });
}

}  // namespace

void check_temp_debris(RepoCheck& c) {
  std::unordered_set<std::string_view> partials;
  for (const auto& partial : c.repo.partials)
    partials.insert(partial.etag);
  for (const auto& entry : c.repo.debris) {
    if (!entry.partial.empty() && partials.contains(entry.partial)) continue;
    if (is_of_unfinished_blob(c, entry)) continue;
    const bool evidence = entry.path.ends_with(".hfaudit.wrong");
    // Another host of a shared file system may have just written it.
    constexpr std::int64_t in_use_ns = 60LL * 60 * 1'000'000'000;
    if (!evidence && c.context.now_ns - entry.meta.mtime_ns < in_use_ns) continue;
    auto& finding = c.raise(FindingId::temp_debris, {entry.path, entry.root},
                            evidence ? "wrong content that hfaudit pull kept as evidence"
                                     : "left by a client that was killed");
    finding.bytes = entry.meta.type == FileType::regular ? bytes_freed_by_removal(entry.meta) : 0;
    finding.seen = identity_of(entry.meta);
  }
}

}  // namespace hfaudit
