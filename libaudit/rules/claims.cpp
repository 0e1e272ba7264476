#include "rules/claims.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

#include "base/path.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

const TreeFile* find(const std::optional<Tree>& tree, const std::string& path) {
  return tree ? tree->find(path) : nullptr;
}

const LocalRecord* find(const std::vector<LocalRecord>& records, const std::string& path) {
  const auto found = std::lower_bound(
      records.begin(), records.end(), path,
      [](const LocalRecord& record, const std::string& p) { return record.file < p; });
  return found != records.end() && found->file == path ? &*found : nullptr;
}

// Before 0.23 a big file of a --local-dir was a link to a blob in the cache.
std::string_view linked_blob(std::string_view target) {
  return parent_path(target).ends_with("/blobs") ? last_component(target) : std::string_view();
}

bool claims_wrong_content(FindingId id) {
  switch (id) {
    case FindingId::size_mismatch:
    case FindingId::shared_blob_broken:
      return true;
    default:
      return false;
  }
}

// In a folder of the user, files outside every listing of the repo are the user's own.
bool belongs_to_other(const RepoCheck& c, const RevisionState& state, const Entry& entry) {
  if (!c.context.local_dir || state.evidence->listing() == nullptr) return false;
  const auto& evidence = *state.evidence;
  return find(evidence.locked, entry.path) == nullptr &&
         find(evidence.hub, entry.path) == nullptr && find(evidence.tree, entry.path) == nullptr &&
         find(evidence.recorded, entry.path) == nullptr;
}

class Collector {
 public:
  void add(const FileInfo& meta, std::string place, bool follow, bool suspect,
           const std::vector<Claim>& claims) {
    auto [at, fresh] = contents_.try_emplace(meta.key);
    auto& content = at->second;
    if (fresh) {
      content.key = meta.key;
      content.size = meta.size;
      content.mtime_ns = meta.mtime_ns;
    }
    if (fresh || place < content.place) {  // in any order of the walk: subsets rely on it
      content.place = std::move(place);
      content.follow = follow;
    }
    content.suspect = content.suspect || suspect;
    add_claims(content, claims);
  }

  std::vector<Content> take() {
    std::vector<Content> contents;
    contents.reserve(contents_.size());
    for (auto& [key, content] : contents_)
      contents.push_back(std::move(content));
    return contents;
  }

 private:
  std::map<FileKey, Content> contents_;
};

void add_entry(const RepoCheck& c, const RevisionState& state, const Entry& entry,
               Collector& into) {
  const auto claims = claims_on(c, state, entry);
  const bool suspect = structural_finding(c, state, entry) != nullptr;
  if (entry.blob < 0) {
    into.add(entry.meta, c.place(state, entry.path), entry.kind == EntryKind::link, suspect,
             claims);
    return;
  }
  const auto& blob = c.repo.blobs[static_cast<std::size_t>(entry.blob)];
  into.add(entry.meta, "blobs/" + blob.name, blob.is_link(), suspect, claims);
}

}  // namespace

const Finding* structural_finding(const RepoCheck& c, const RevisionState& state,
                                  const Entry& entry) {
  if (!state.corrupt) return nullptr;
  const auto path = c.full_path(c.place(state, entry.path));
  for (const auto& finding : c.findings) {
    const bool of_it = finding.path == path && finding.revision == state.revision->commit;
    if (of_it && is_structural(finding.id)) return &finding;
  }
  return nullptr;
}

std::vector<Claim> claims_on(const RepoCheck& c, const RevisionState& state, const Entry& entry) {
  std::vector<Claim> claims;
  const auto add = [&](ClaimSource source, std::string_view etag) {
    if (auto claim = claim_of(source, etag)) claims.push_back(std::move(*claim));
  };
  const auto& evidence = *state.evidence;
  const auto* record = find(evidence.recorded, entry.path);
  constexpr double ns = 1e-9;  // as clients compare: a second's grace
  const bool outdated = record != nullptr && static_cast<double>(entry.meta.mtime_ns) * ns - 1 >
                                                 record->metadata.timestamp;
  // A file of another commit than the folder's newest: the newest commit's listing is no evidence.
  const bool older = record != nullptr && record->metadata.commit != state.revision->commit;
  if (const auto* file = find(evidence.locked, entry.path); file != nullptr)
    add(ClaimSource::lock, file->etag());
  if (const auto* file = find(evidence.hub, entry.path); file != nullptr && !older) {
    add(ClaimSource::hub, file->etag());
  }
  // Files of git outside LFS are text. One of another size was edited by its user, or git has
  // converted its line ends: its right hash is unknown.
  const auto* listed = find(evidence.tree, entry.path);
  const bool editable = listed != nullptr && evidence.of_git && listed->lfs_sha256.empty();
  if (listed != nullptr && !older && (!editable || listed->size == entry.meta.size)) {
    add(ClaimSource::tree, listed->etag());
  }
  if (record != nullptr) add(ClaimSource::record, record->metadata.etag);
  if (entry.blob >= 0)
    add(ClaimSource::name, c.repo.blobs[static_cast<std::size_t>(entry.blob)].name);
  if (entry.blob < 0 && entry.kind == EntryKind::link)
    add(ClaimSource::name, linked_blob(entry.target));
  for (auto& claim : claims)
    claim.outdated = (outdated && claim.source > ClaimSource::hub) ||
                     (editable && claim.source == ClaimSource::tree);
  return claims;
}

std::vector<const Entry*> entries_to_check(const RepoCheck& c, const RevisionState& state) {
  std::vector<const Entry*> entries;
  const auto& asked = c.context.asked_revision;
  if (!asked.empty() && state.revision->commit != asked) return entries;
  std::unordered_set<std::string_view> reported;
  for (const auto& finding : c.findings) {
    if (claims_wrong_content(finding.id) && finding.revision == state.revision->commit) {
      reported.insert(finding.path);
    }
  }
  for (const auto& entry : state.revision->entries) {
    if (!entry.exists || entry.to_partial || entry.escapes || entry.meta.type != FileType::regular)
      continue;
    if (entry.blob >= 0 && c.repo.blobs[static_cast<std::size_t>(entry.blob)].escapes) continue;
    if (!c.context.filter.accepts(entry.path) || belongs_to_other(c, state, entry)) continue;
    if (!reported.empty() && reported.contains(c.full_path(c.place(state, entry.path)))) continue;
    // Reading a broken file is useless without a hash to compare with.
    if (structural_finding(c, state, entry) != nullptr && claims_on(c, state, entry).empty())
      continue;
    entries.push_back(&entry);
  }
  return entries;
}

std::vector<std::size_t> blobs_to_check(const RepoCheck& c) {
  std::vector<std::size_t> blobs;
  if (!c.context.asked_revision.empty() || !c.context.filter.empty()) return blobs;
  for (std::size_t i = 0; i < c.repo.blobs.size(); ++i) {
    const auto& blob = c.repo.blobs[i];
    if (!c.used_blobs[i] && blob.content() != nullptr && !blob.escapes) blobs.push_back(i);
  }
  return blobs;
}

std::vector<Content> contents_of(const RepoCheck& c) {
  Collector collector;
  for (const auto& state : c.states) {
    for (const auto* entry : entries_to_check(c, state))
      add_entry(c, state, *entry, collector);
  }
  for (const auto i : blobs_to_check(c)) {
    const auto& blob = c.repo.blobs[i];
    const auto claim = claim_of(ClaimSource::name, blob.name);
    if (!claim) continue;  // a blob that clients cannot find by name
    collector.add(*blob.content(), "blobs/" + blob.name, blob.is_link(), false, {*claim});
  }
  return collector.take();
}

}  // namespace hfaudit
