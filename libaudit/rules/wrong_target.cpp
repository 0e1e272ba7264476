// An entry that links to the content of another file. It is raised as missing-shard or
// missing-file: the loader reads the content of another file.
//
// A listing knows which file a blob belongs to. Without one, two shards of an index always differ,
// because their headers name different tensors.
//
// Not raised: without a listing, for empty files and for parts that are missing from the index; if
// the size is wrong as well (size-mismatch); for an entry that is dangling, leads to a partial file
// or leaves the repo, which have findings of their own; while files of the repo change.
//
// Causes: links that were restored or edited by hand, a sync tool that mixed up targets.
#include <algorithm>
#include <utility>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

struct ShardEntry {
  const Entry* entry = nullptr;
  const ExpectedFile* file = nullptr;
};

// `target` describes the content that the entry leads to.
void raise_wrong_target(RepoCheck& c, RevisionState& state, const ShardEntry& shard,
                        const std::string& target) {
  const auto& [entry, file] = shard;
  state.incomplete = true;
  state.missing.push_back(entry->path);
  auto& finding =
      c.raise(is_shard(*file) ? FindingId::missing_shard : FindingId::missing_file,
              c.place(state, entry->path), printable(entry->path) + " leads to " + target, &state);
  finding.bytes = entry->meta.size;
  finding.details.emplace_back(detail_key::file, entry->path);
  const auto blob = file->etag.empty() ? std::string() : c.blob_here(state, entry->path, {});
  if (blob.empty()) return;
  if (const int number = c.repo.find_blob(file->etag); number >= 0)
    c.unlinked_blobs[static_cast<std::size_t>(number)] = true;  // exempt from orphan-blob
  finding.fix = fix::relink;
  finding.details.emplace_back(detail_key::blob, blob);
}

// Some clients name blobs by other hashes (huggingface.js by the Xet hash), so the name alone is
// too weak for damage. A lock file promises the bytes: until they are read the file may differ from
// the locked one, and the revision stays unknown.
void doubt_unlocked_name(RepoCheck& c, RevisionState& state, const ShardEntry& shard,
                         const std::string& blob) {
  const auto locked = claim_of(ClaimSource::lock, shard.file->etag);
  const auto named = claim_of(ClaimSource::name, blob);
  if (!locked || !named || locked->kind != named->kind) return;
  state.undecided = true;
  raise_conflicting_digests(c, {c.place(state, shard.entry->path), shard.entry->path, &state},
                            *locked, *named);
}

// The entries whose size and link are sound, of files that the manifest lists.
std::vector<ShardEntry> sound_entries(const RepoCheck& c, const RevisionState& state) {
  std::vector<ShardEntry> sound;
  for (const auto& entry : state.revision->entries) {
    const auto* file = entry.blob < 0 ? nullptr : find_expected(state.manifest, entry.path);
    const bool has_target = entry.exists && !entry.to_partial && !entry.escapes;
    if (file == nullptr || !has_target || !c.context.filter.accepts(entry.path)) continue;
    if (!file->size || *file->size == entry.meta.size) sound.push_back({&entry, file});
  }
  return sound;
}

}  // namespace

void check_wrong_targets(RepoCheck& c, RevisionState& state) {
  if (c.context.moving) return;
  std::vector<ShardEntry> unlisted;  // shards whose etag is missing from the listings
  for (const auto& shard : sound_entries(c, state)) {
    const auto& etag = shard.file->etag;
    const auto& blob = c.repo.blobs[static_cast<std::size_t>(shard.entry->blob)].name;
    const bool named_by_index = is_shard(*shard.file) && shard.file->named_by.ends_with(".json");
    if (etag.empty() && named_by_index && shard.entry->meta.size > 0) unlisted.push_back(shard);
    if (etag.empty() || blob == etag) continue;
    const auto& files = state.manifest.files;
    const auto owner = std::find_if(files.begin(), files.end(),
                                    [&](const ExpectedFile& other) { return other.etag == blob; });
    if (owner != files.end())
      raise_wrong_target(c, state, shard,
                         "the content of " + printable(owner->path) + ", not to its own");
    else if (state.evidence->locked && !c.context.verifying)
      doubt_unlocked_name(c, state, shard, blob);
  }
  std::stable_sort(unlisted.begin(), unlisted.end(), [](const ShardEntry& a, const ShardEntry& b) {
    return a.entry->blob < b.entry->blob;
  });
  for (std::size_t i = 0; i < unlisted.size(); ++i) {
    const auto shares_blob = [&](std::size_t j) {
      return j < unlisted.size() && unlisted[j].entry->blob == unlisted[i].entry->blob;
    };
    const auto other = shares_blob(i + 1) ? i + 1 : i - 1;  // `i - 1` of the first is out of range
    if (!shares_blob(other)) continue;
    raise_wrong_target(c, state, unlisted[i],
                       "the same content as " + printable(unlisted[other].entry->path) +
                           ": one of the two is missing");
  }
}

}  // namespace hfaudit
