// # unattributed-download
//
// A download into this repo broke off, and its file is unknown: a lock of a blob that is absent
// from the repo, or a temporary file in the hub folder that was written right after the last file
// of this repo. The verdict of the newest revision is `unknown` where it would be `complete`. If
// both are here, the temporary file belongs to the lock, and incomplete-download is raised.
//
// Why it matters: the oldest clients (huggingface_hub before 0.23, hf-hub 0.3) download into files
// with anonymous names, and the newest ones leave only the lock after Ctrl-C or an error of the
// network. The files that are here may be all of the repo, or half of it.
//
// Not raised: if a listing of the revision is here, which names the missing files; for a lock that
// is older than the ref or the snapshot, or from before a revision was deleted; if a partial file
// of the blob is here, which has its own finding; for a lock alone where files are copies, or where
// nothing-here is raised.
//
// Causes: a client that was killed or interrupted.
#include <algorithm>
#include <unordered_map>

#include "cache/blob_name.hpp"
#include "cache/link_target.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
// coarse clocks of network file systems
constexpr std::int64_t slack_ns = 2 * second_ns;

// An entry that leads to the blob identifies its file, and is reported by itself.
bool is_named_by_entry(const RevisionState& state, const std::string& etag) {
  const auto& entries = state.revision->entries;
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return !entry.exists && blob_named_by(entry.target) == etag;
  });
}

// Whether the content of the blob is absent from the repo, as are partials of it and entries that
// name it.
bool is_nowhere(const RepoCheck& c, const std::string& etag) {
  if (!looks_like_etag(etag) || c.repo.find_blob(etag) >= 0) return false;
  const bool partial = std::any_of(c.repo.partials.begin(), c.repo.partials.end(),
                                   [&](const Partial& other) { return other.etag == etag; });
  return !partial &&
         std::none_of(c.states.begin(), c.states.end(), [&](const RevisionState& state) {
           return state.etags_here.contains(etag) || is_named_by_entry(state, etag);
         });
}

// The snapshot was made at this time at the latest. A copy of a cache is younger than its files.
std::int64_t made_before(const Revision& revision) {
  const auto born = revision.born_ns, changed = revision.meta.mtime_ns;
  return born == 0 ? changed : std::min(born, changed);
}

// The revision that was downloaded last: of those that a ref names, or else the newest.
bool is_newest(const RepoCheck& c, const RevisionState& state) {
  if (state.detached) return false;
  return std::none_of(c.states.begin(), c.states.end(), [&](const RevisionState& other) {
    return !other.detached && made_before(*other.revision) > made_before(*state.revision);
  });
}

std::int64_t first_content_ns(const Revision& revision) {
  std::int64_t first = 0;
  for (const auto& entry : revision.entries) {
    if (entry.exists && (first == 0 || entry.meta.mtime_ns < first)) first = entry.meta.mtime_ns;
  }
  return first;
}

// From when on a lock belongs to the download of this revision. Locks of an earlier one stay
// behind, also when that was deleted since.
std::int64_t begin_of(const RepoCheck& c, const RevisionState& state) {
  // Parallel downloads lock large files some time before the first small one makes the snapshot.
  constexpr std::int64_t before_first_entry_ns = 600 * second_ns;
  const auto& revision = *state.revision;
  auto begin = made_before(revision) - before_first_entry_ns;
  // A download by commit omits the ref: its first content shows when it began.
  if (state.refs.empty()) begin = std::max(begin, first_content_ns(revision) - slack_ns);
  for (const auto& ref : c.repo.refs) {
    if (ref.commit == revision.commit) begin = std::max(begin, ref.meta.mtime_ns - slack_ns);
  }
  const auto snapshots =
      std::find_if(c.repo.directories.begin(), c.repo.directories.end(),
                   [](const ExtraEntry& folder) { return folder.path == "snapshots"; });
  if (snapshots == c.repo.directories.end()) return begin;
  std::int64_t last_made = 0;
  for (const auto& other : c.repo.revisions)
    last_made = std::max(last_made, other.exists ? made_before(other) : 0);
  const auto changed = snapshots->meta.mtime_ns;
  const bool deleted = last_made != 0 && changed > last_made + slack_ns;
  return deleted ? std::max(begin, changed) : begin;
}

// The file in the hub folder that a client of before 0.23 made right after it took the lock.
const Partial* temporary_of(const RepoCheck& c, const Lock& lock) {
  if (c.context.hub_partials == nullptr) return nullptr;
  const Partial* best = nullptr;
  for (const auto& partial : *c.context.hub_partials) {
    if (partial.meta.mtime_ns < lock.meta.mtime_ns - slack_ns) continue;
    if (best == nullptr || partial.meta.mtime_ns < best->meta.mtime_ns) best = &partial;
  }
  return best;
}

// Locks of blobs that are nowhere, taken for this revision.
std::vector<const Lock*> evidence_of(const RepoCheck& c, const RevisionState& state) {
  const auto begin = begin_of(c, state);
  std::vector<const Lock*> found;
  // Without links a blob is moved into the snapshot, and only its lock has its name: a lock alone
  // is ambiguous there.
  const bool copies = std::any_of(state.revision->entries.begin(), state.revision->entries.end(),
                                  [](const Entry& entry) { return entry.kind == EntryKind::copy; });
  for (const auto& lock : c.repo.locks) {
    if (lock.etag.empty() || lock.meta.type != FileType::regular) continue;
    if (lock.state != LockState::held && lock.meta.mtime_ns < begin) continue;
    if (!is_nowhere(c, lock.etag)) continue;
    const bool alone = lock.state != LockState::held && temporary_of(c, lock) == nullptr;
    if (!copies || !alone) found.push_back(&lock);
  }
  return found;
}

void raise_for_lock(RepoCheck& c, RevisionState& state, const Lock& lock) {
  const auto* temporary = temporary_of(c, lock);
  if (lock.state == LockState::held || (temporary != nullptr && temporary->open)) {
    state.incomplete = state.live = true;
    Partial partial;
    partial.path = lock.path;
    partial.etag = lock.etag;
    partial.meta = lock.meta;
    partial.holder = lock.holder;
    if (temporary != nullptr) {
      partial.meta = temporary->meta;
      partial.present = temporary->present;
      if (temporary->open) partial.holder = temporary->holder;
    }
    raise_download_in_progress(c, partial, {&state, nullptr});
    c.findings.back().path = lock.path;
    return;
  }
  if (temporary != nullptr) {
    state.incomplete = state.wanted_partial = true;
    auto& finding = c.raise(FindingId::incomplete_download, {temporary->path, Root::hub},
                            "a file stopped at " + human_bytes(temporary->present) +
                                ": the lock of its blob is here, the blob is not",
                            &state);
    finding.bytes = temporary->present;
    finding.details.emplace_back(detail_key::blob, lock.etag);
    finding.details.emplace_back(detail_key::present, temporary->present);
    return;
  }
  if (state.nothing_here_raised) return;  // the download that broke off is reported by itself
  state.undecided = true;
  auto& finding = c.raise(FindingId::unattributed_download, {lock.path, Root::hub},
                          "a client began to download blob " + printable(lock.etag.substr(0, 12)) +
                              ", which is not here",
                          &state);
  finding.details.emplace_back(detail_key::blob, lock.etag);
}

// hf-hub 0.3 works without locks: its temporary file was made right after the last entry.
void check_temporaries(RepoCheck& c, RevisionState& state) {
  if (c.context.hub_partials == nullptr || state.revision->entries.empty()) return;
  constexpr std::int64_t between_files_ns = 120 * second_ns;
  const auto last_entry = state.revision->meta.mtime_ns;
  for (const auto& partial : *c.context.hub_partials) {
    if (!partial.path.starts_with("tmp/")) continue;
    const auto gap = partial.meta.mtime_ns - last_entry;
    if (gap < -slack_ns || gap > between_files_ns) continue;
    state.undecided = true;
    auto& finding = c.raise(FindingId::unattributed_download, {partial.path, Root::hub},
                            "a download that began right after the last file of this repo stopped "
                            "at " +
                                human_bytes(partial.present),
                            &state);
    finding.fix = fix::none;
    finding.bytes = partial.present;
    return;
  }
}

}  // namespace

// Locks of absent blobs, where a listing says which files they are of. A client locks a blob when
// it begins its download, so the file was wanted: a lock that is held makes the revision live; one
// from after the tree was listed shows a file that a failed run was about to download. Older ones
// may be from before an `hf cache rm`, which leaves locks behind.
void check_lock_evidence(RepoCheck& c, RevisionState& state) {
  if (!state.manifest.exhaustive || c.repo.locks.empty()) return;
  std::unordered_map<std::string_view, const ExpectedFile*> absent;
  for (const auto& file : state.manifest.files) {
    // Two files of equal content share a blob and its lock: a file whose content is here is
    // present.
    if (!file.etag.empty() && !has_entry(state, file.path) && !c.has_content(state, file.etag))
      absent.emplace(file.etag, &file);
  }
  const auto tree =
      std::find_if(c.repo.trees.begin(), c.repo.trees.end(), [&](const ExtraEntry& entry) {
        return entry.path.find(state.revision->commit) != std::string::npos;
      });
  for (const auto& lock : c.repo.locks) {
    const auto file = absent.find(lock.etag);
    if (file == absent.end()) continue;
    if (lock.state == LockState::held)
      state.live = true;
    else if (tree != c.repo.trees.end() && lock.meta.mtime_ns >= tree->meta.mtime_ns &&
             file->second->named_by.empty())
      state.lock_taken.emplace(file->second->path);
  }
}

void check_unattributed_download(RepoCheck& c, RevisionState& state) {
  const bool nothing = state.revision->entries.empty() && !state.nothing_here_raised;
  if (state.manifest.exhaustive || c.context.local_dir || nothing || !is_newest(c, state)) return;
  const auto locks = evidence_of(c, state);
  for (const auto* lock : locks)
    raise_for_lock(c, state, *lock);
  if (locks.empty() && c.repo.locks.empty()) check_temporaries(c, state);
}

// Whether the lock is the only evidence of a download that broke off.
bool is_only_evidence(const RepoCheck& c, const Lock& lock) {
  return is_nowhere(c, lock.etag);
}

}  // namespace hfaudit
