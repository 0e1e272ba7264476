#include "rules/repo_check.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"

namespace hfaudit {

RepoCheck::RepoCheck(const RepoInventory& inventory, const Evidence& known,
                     const CheckContext& given)
    : repo(inventory),
      evidence(known),
      context(given),
      used_blobs(inventory.blobs.size()),
      unlinked_blobs(inventory.blobs.size()) {
  for (const auto& revision : repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (entry.blob >= 0) used_blobs[static_cast<std::size_t>(entry.blob)] = true;
    }
  }
  std::unordered_map<std::string_view, std::vector<std::string>> refs;
  for (const auto& ref : repo.refs) {
    if (!ref.commit.empty()) refs[ref.commit].push_back(ref.name);
  }
  for (const auto& revision : repo.revisions) {
    const bool probe = !revision.exists && repo.no_exist.contains(revision.commit);
    has_refs = has_refs || (refs.contains(revision.commit) && !probe);
  }
  for (std::size_t i = 0; i < repo.revisions.size(); ++i) {
    RevisionState state;
    state.evidence = &evidence.revisions[i];
    state.revision = without_system_files(repo.revisions[i], *state.evidence);
    if (const auto named = refs.find(state.revision->commit); named != refs.end())
      state.refs = named->second;
    state.detached =
        has_refs && state.refs.empty() && state.revision->commit != context.asked_revision;
    state.manifest = expect(repo.repo.type, *state.revision, *state.evidence, PathFilter{});
    for (const auto& entry : state.revision->entries) {
      if (entry.kind != EntryKind::copy || !entry.exists) continue;
      const auto* file = find_expected(state.manifest, entry.path);
      const bool right = file != nullptr && (!file->size || *file->size == entry.meta.size);
      if (right && !file->etag.empty()) state.etags_here.emplace(file->etag);
    }
    state.live = context.moving && !state.detached;
    states.push_back(std::move(state));
  }
  find_companions();
  // A defect of several revisions is reported for the first of them.
  std::stable_sort(states.begin(), states.end(),
                   [&](const RevisionState& a, const RevisionState& b) {
                     const auto rank = [&](const RevisionState& s) {
                       return s.revision->commit == context.asked_revision ? 0 : s.detached ? 2 : 1;
                     };
                     return rank(a) < rank(b);
                   });
}

// A listed file belongs to the repo: some repos on the Hub do have a `.DS_Store`.
const Revision* RepoCheck::without_system_files(const Revision& revision,
                                                const RevisionEvidence& known) {
  const auto* listing = known.listing();
  const auto is_foreign = [&](const Entry& entry) {
    if (entry.kind != EntryKind::copy) return false;
    if (!is_system_file(entry.path)) {
      const auto original = original_of_copy(entry.path);
      // Syncthing's mark is its own; the other ones may be the author's.
      const bool marked = entry.path.find(".sync-conflict-") != std::string::npos;
      if (original.empty() || (!marked && revision.find_entry(original) == nullptr)) return false;
    }
    const bool recorded =
        std::any_of(known.recorded.begin(), known.recorded.end(),
                    [&](const LocalRecord& record) { return record.file == entry.path; });
    if (recorded) return false;
    return listing == nullptr ||
           std::none_of(listing->files.begin(), listing->files.end(),
                        [&](const TreeFile& file) { return file.path == entry.path; });
  };
  if (std::none_of(revision.entries.begin(), revision.entries.end(), is_foreign)) return &revision;
  for (const auto& entry : revision.entries) {
    if (is_foreign(entry)) system_files.emplace_back(&revision, &entry);
  }
  auto adjusted = std::make_unique<Revision>(revision);
  std::erase_if(adjusted->entries, is_foreign);
  adjusted_.push_back(std::move(adjusted));
  return adjusted_.back().get();
}

void RepoCheck::find_companions() {
  if (has_refs || states.size() < 2) return;
  const auto share_a_path = [](const Revision& a, const Revision& b) {
    return std::any_of(a.entries.begin(), a.entries.end(),
                       [&](const Entry& entry) { return b.find_entry(entry.path) != nullptr; });
  };
  constexpr std::size_t most = 1'000;  // snapshots: comparing them takes squared time
  if (states.size() > most) return;
  for (auto& state : states) {
    if (state.manifest.exhaustive) continue;
    for (const auto& other : states) {
      if (&other != &state && !share_a_path(*state.revision, *other.revision))
        state.companions.push_back(other.revision);
    }
  }
}

const ExpectedFile* find_expected(const Manifest& manifest, std::string_view path) {
  const auto found =
      std::lower_bound(manifest.files.begin(), manifest.files.end(), path,
                       [](const ExpectedFile& file, std::string_view p) { return file.path < p; });
  return found != manifest.files.end() && found->path == path ? &*found : nullptr;
}

const Blob* blob_of(const RepoInventory& repo, const Entry& entry) {
  return entry.blob < 0 ? nullptr : &repo.blobs[static_cast<std::size_t>(entry.blob)];
}

std::string payload_of(const Blob& blob) {
  constexpr std::string_view to_hub = "../../";
  return blob.shared && blob.link.starts_with(to_hub) ? blob.link.substr(to_hub.size())
                                                      : std::string();
}

std::string RepoCheck::full_path(const CachePath& at) const {
  if (at.root == Root::hub) return at.path;
  if (at.path.empty()) return repo.folder;
  return repo.folder.empty() ? at.path : repo.folder + "/" + at.path;
}

bool RepoCheck::has_content(const RevisionState& state, std::string_view etag) const {
  if (etag.empty()) return false;
  const int blob = repo.find_blob(etag);
  if (blob >= 0 && repo.blobs[static_cast<std::size_t>(blob)].content() != nullptr) return true;
  return state.etags_here.contains(etag);
}

bool RepoCheck::is_busy() const {
  return std::any_of(repo.partials.begin(), repo.partials.end(),
                     [](const Partial& p) { return p.live(); }) ||
         std::any_of(repo.locks.begin(), repo.locks.end(),
                     [](const Lock& lock) { return lock.state == LockState::held; });
}

std::string RepoCheck::place(const RevisionState& state, std::string_view entry) const {
  if (context.local_dir) return std::string(entry);
  return "snapshots/" + state.revision->commit + "/" + std::string(entry);
}

std::string RepoCheck::blob_here(const RevisionState& state, std::string_view file,
                                 std::string_view link) const {
  const auto* expected = find_expected(state.manifest, file);
  const bool listed = expected != nullptr && !expected->etag.empty();
  const auto named = blob_named_by(link);
  std::string name = listed           ? std::string(expected->etag)
                     : !named.empty() ? std::string(named)
                                      : std::string(last_component(link));
  if (!listed) {
    const auto known = classify_blob_name(name);
    if (known.kind == BlobNameKind::partial) name = known.etag;
  }
  const int blob = repo.find_blob(name);
  const auto* content = blob < 0 ? nullptr : repo.blobs[static_cast<std::size_t>(blob)].content();
  const bool right = content != nullptr && !repo.blobs[static_cast<std::size_t>(blob)].escapes &&
                     (expected == nullptr || !expected->size || *expected->size == content->size);
  return right ? name : std::string();
}

Finding& RepoCheck::raise(FindingId id, const CachePath& at, std::string message,
                          const RevisionState* state) {
  const auto& info = info_of(id);
  Finding finding;
  finding.id = id;
  finding.severity = info.severity;
  if (state != nullptr) {
    finding.revision = state->revision->commit;
    if (state->detached && info.severity == Severity::error) finding.severity = Severity::warning;
  }
  if (!repo.repo.id.empty()) finding.repo = repo.repo;
  finding.path = full_path(at);
  finding.message = std::move(message);
  finding.fix = info.fix;
  findings.push_back(std::move(finding));
  return findings.back();
}

}  // namespace hfaudit
