#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

bool is_busy(const Case& c) {
  return std::any_of(c.repo.partials.begin(), c.repo.partials.end(), [](const Partial& p) { return p.live(); }) ||
         std::any_of(c.repo.locks.begin(), c.repo.locks.end(),
                     [](const Lock& lock) { return lock.state == LockState::held; });
}

void check_blobs(Case& c) {
  if (!c.absence_counts()) return;  // what was not seen may use it
  const bool busy = is_busy(c);
  constexpr std::int64_t just_now_ns = 10LL * 1'000'000'000;  // between a blob's rename and its entry
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto& blob = c.repo.blobs[i];
    if (c.used_blobs[i] || c.unlinked_blobs[i]) continue;
    if (!looks_like_etag(blob.name)) {
      c.raise(FindingId::unrecognized_entry, "blobs/" + blob.name, "no client gives a blob this name");
      continue;
    }
    if (busy && c.context.now_ns - blob.meta.mtime_ns < just_now_ns) continue;
    const auto* content = blob.content();
    if (blob.is_link() && content == nullptr) {
      c.raise(FindingId::orphan_blob, "blobs/" + blob.name,
              "a link to shared content that is gone, used by nothing")
          .seen = seen_of(blob.meta);
      continue;
    }
    auto& finding = c.raise(FindingId::orphan_blob, "blobs/" + blob.name, "no snapshot uses it");
    finding.bytes = content != nullptr && !blob.shared ? content->allocated : 0;
    finding.seen = seen_of(blob.meta);
  }
}

void check_debris(Case& c) {
  std::unordered_set<std::string_view> partials;
  for (const auto& partial : c.repo.partials)
    partials.insert(partial.etag);
  for (const auto& thing : c.repo.debris) {
    const bool of_hub = thing.note == "hub";
    // A client's notes belong to its partial, and share its fate.
    if (!thing.note.empty() && !of_hub && partials.contains(thing.note)) continue;
    constexpr std::int64_t in_use_ns = 60LL * 1'000'000'000;  // these live for milliseconds
    if (c.context.now_ns - thing.meta.mtime_ns < in_use_ns && is_busy(c)) continue;
    const bool evidence = thing.path.ends_with(".hfaudit.wrong");
    auto& finding =
        c.raise(FindingId::temp_debris, (of_hub ? "//" : "") + thing.path,
                evidence ? "wrong content that hfaudit pull kept as evidence: of no use but to look into"
                         : "left by a client that was killed");
    finding.bytes = thing.meta.type == FileType::regular ? thing.meta.allocated : 0;
    finding.seen = seen_of(thing.meta);
  }
}

}  // namespace

void check_leftovers(Case& c) {
  check_blobs(c);
  check_debris(c);
  for (const auto& thing : c.repo.unrecognized) {
    c.raise(FindingId::unrecognized_entry, thing.path,
            thing.note.empty() ? "no known client writes this" : thing.note);
  }
  for (const auto& [path, why] : c.evidence.bad_trees) {
    auto& finding =
        c.raise(FindingId::tree_malformed, path, "the cached listing cannot be read: " + printable(why));
    const auto tree = std::find_if(c.repo.trees.begin(), c.repo.trees.end(),
                                   [&name = path](const Thing& thing) { return thing.path == name; });
    if (tree != c.repo.trees.end()) finding.seen = seen_of(tree->meta);
  }
}

}  // namespace hfaudit
