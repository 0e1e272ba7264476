#include "watch/amount.hpp"
#include "base/sum.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace hfaudit {
namespace {

// The partial that has most of each blob (of each file, in a --local-dir download).
class Partials {
 public:
  explicit Partials(const RepoInventory& repo) {
    for (const auto& partial : repo.partials) {
      const auto& key = partial.local_file.empty() ? partial.etag : partial.local_file;
      if (key.empty() || partial.meta.type != FileType::regular) continue;
      auto& best = best_[key];
      if (best == nullptr || rank(*best) < rank(partial)) best = &partial;
    }
  }

  [[nodiscard]] const Partial* of(const ExpectedFile& file) const {
    for (const auto& key : {file.path, file.etag}) {
      const auto found = best_.find(key);
      if (found != best_.end()) return found->second;
    }
    return nullptr;
  }

 private:
  static std::pair<bool, std::uint64_t> rank(const Partial& partial) {
    return {partial.live(), partial.present};
  }
  std::unordered_map<std::string_view, const Partial*> best_;
};

// How well a revision fits the present download: a partial of it is written, is there, a ref names
// it, it is new.
using Fit = std::tuple<bool, bool, bool, std::int64_t, std::int64_t>;

Fit fit_of(const RepoInventory& repo, const Revision& revision, const RevisionEvidence& evidence,
           const Partials& partials) {
  bool live = false, any = false;
  if (const auto* listing = evidence.listing(); listing != nullptr && !repo.partials.empty()) {
    for (const auto& file : listing->files) {
      const auto* partial = partials.of({file.path, file.size, file.etag_view(), false, {}});
      any = any || partial != nullptr;
      live = live || (partial != nullptr && partial->live());
    }
  }
  const bool named = std::any_of(repo.refs.begin(), repo.refs.end(),
                                 [&](const Ref& ref) { return ref.commit == revision.commit; });
  return {live, any, named, revision.born_ns, revision.meta.mtime_ns};
}

std::optional<std::size_t> choose(const RepoInventory& repo, const Evidence& evidence,
                                  const Partials& partials, const std::string& asked) {
  std::optional<std::size_t> best;
  Fit best_fit;
  for (std::size_t i = 0; i < repo.revisions.size(); ++i) {
    if (!asked.empty() && repo.revisions[i].commit != asked) continue;
    const auto fit = fit_of(repo, repo.revisions[i], evidence.revisions[i], partials);
    if (best && fit <= best_fit) continue;
    best = i;
    best_fit = fit;
  }
  return best;
}

// The present bytes of one file, and whether it is complete.
std::pair<std::uint64_t, bool> present_of(const RepoInventory& repo, const Revision& revision,
                                          const Partials& partials, const ExpectedFile& file) {
  const auto size = file.size.value_or(0);
  const auto* partial = partials.of(file);
  const auto* entry = revision.find_entry(file.path);
  const bool whole_entry =
      entry != nullptr && entry->exists && !entry->to_partial && !entry->escapes;
  // Beside a plain file of a --local-dir, a partial that grows is the next version of it.
  const bool replaced =
      whole_entry && entry->kind == EntryKind::copy && partial != nullptr && partial->live();
  if (whole_entry && !replaced) return {std::min(entry->meta.size, size), true};
  const int blob = file.etag.empty() ? -1 : repo.find_blob(file.etag);
  const auto* content = blob < 0 ? nullptr : repo.blobs[static_cast<std::size_t>(blob)].content();
  if (content != nullptr) return {std::min(content->size, size), true};
  return {partial == nullptr ? 0 : std::min(partial->present, size), false};
}

WatchAmount amount_listed(const RepoInventory& repo, const Revision& revision,
                          const Manifest& manifest, const Partials& partials,
                          const PathFilter& filter) {
  WatchAmount amount;
  std::uint64_t files_total = 0, bytes_total = 0;
  std::unordered_set<std::string_view> seen;
  for (const auto& file : manifest.files) {
    if (!filter.accepts(file.path)) continue;
    const auto [bytes, whole] = present_of(repo, revision, partials, file);
    ++files_total;
    amount.files += whole ? 1 : 0;
    if (!file.etag.empty() && !seen.insert(file.etag).second) continue;  // one blob under two names
    add_size(bytes_total, file.size.value_or(0));
    add_size(amount.bytes, bytes);
  }
  amount.files_total = files_total;
  amount.bytes_total = bytes_total;
  return amount;
}

// Without a listing: all that is on the disk, each file once.
std::uint64_t bytes_on_disk(const RepoInventory& repo) {
  std::set<FileKey> seen;
  std::uint64_t bytes = 0;
  for (const auto& partial : repo.partials) {
    if (partial.meta.type == FileType::regular && seen.insert(partial.meta.key).second)
      add_size(bytes, partial.present);
  }
  for (const auto& blob : repo.blobs) {
    const auto* content = blob.escapes ? nullptr : blob.content();
    if (content != nullptr && seen.insert(content->key).second) add_size(bytes, content->size);
  }
  for (const auto& revision : repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (entry.kind == EntryKind::copy && entry.exists && seen.insert(entry.meta.key).second)
        add_size(bytes, entry.meta.size);
    }
  }
  return bytes;
}

}  // namespace

WatchAmount amount_of(const RepoInventory& repo, const Evidence& evidence, const PathFilter& filter,
                      const std::string& asked) {
  const Partials partials(repo);
  const auto chosen = choose(repo, evidence, partials, asked);
  WatchAmount amount;
  if (chosen) {
    const auto& revision = repo.revisions[*chosen];
    const auto manifest =
        expect(repo.repo.type, revision, evidence.revisions[*chosen], PathFilter{});
    if (manifest.exhaustive) return amount_listed(repo, revision, manifest, partials, filter);
    amount.files = static_cast<std::uint64_t>(std::count_if(
        revision.entries.begin(), revision.entries.end(),
        [&](const Entry& entry) { return entry.exists && filter.accepts(entry.path); }));
  }
  amount.bytes = bytes_on_disk(repo);
  return amount;
}

bool has_activity(const RepoInventory& repo) {
  return std::any_of(repo.partials.begin(), repo.partials.end(),
                     [](const Partial& p) { return p.live(); }) ||
         std::any_of(repo.locks.begin(), repo.locks.end(),
                     [](const Lock& lock) { return lock.state == LockState::held; });
}

}  // namespace hfaudit
