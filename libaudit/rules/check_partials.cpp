// The pass over partial files: which revisions want each of them, and which finding it therefore
// is.
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

// The blobs that one revision could want, by name. The whole manifest counts, regardless of
// --include: the pass identifies the bytes.
struct Wants {
  RevisionState* state = nullptr;
  std::unordered_map<std::string_view, const ExpectedFile*> files;
  std::unordered_set<std::string_view> dangling;  // blobs that entries point at in vain
};

class Partials {
 public:
  explicit Partials(RepoCheck& c) : c_(c) {
    if (c.repo.partials.empty()) return;
    for (auto& state : c.states)
      add(state);
    for (const auto& partial : c.repo.partials) {
      if (partial.live() && !partial.etag.empty()) ++live_[partial.etag];
    }
  }

  // All revisions that want it, those that count first; one finding stands for all.
  [[nodiscard]] std::vector<Want> wants_of(const Partial& partial) const;
  [[nodiscard]] bool another_is_live(const Partial& partial) const {
    const auto count = live_.find(partial.etag);
    return count != live_.end() && count->second > (partial.live() ? 1 : 0);
  }
  [[nodiscard]] bool entry_points_at(const Partial& partial) const {
    return pointed_at_.contains(partial.path);
  }

 private:
  void add(RevisionState& state);
  [[nodiscard]] Want wanted_by(const Wants& wants, const Partial& partial) const;
  [[nodiscard]] RevisionState* by_time(const Partial& partial) const;

  RepoCheck& c_;
  std::vector<Wants> wants_;
  std::unordered_map<std::string_view, int> live_;
  std::unordered_set<std::string> pointed_at_;
};

void Partials::add(RevisionState& state) {
  Wants wants;
  wants.state = &state;
  for (const auto& file : state.manifest.files) {
    if (!file.etag.empty()) wants.files.emplace(file.etag, &file);
  }
  for (const auto& entry : state.revision->entries) {
    if (entry.kind != EntryKind::link || (entry.exists && !entry.to_partial)) continue;
    const auto name = last_component(entry.target);
    if (entry.to_partial)
      pointed_at_.insert("blobs/" + std::string(name));
    else
      wants.dangling.insert(name);
  }
  wants_.push_back(std::move(wants));
}

// A partial without a tree belongs to the revision that was being downloaded when it last grew: the
// newest snapshot folder that is older. Where times are useless (a copied cache), it belongs to the
// revisions of the refs.
RevisionState* Partials::by_time(const Partial& partial) const {
  constexpr std::int64_t slack_ns = 2'000'000'000;  // coarse clocks of network file systems
  RevisionState* best = nullptr;
  RevisionState* named = nullptr;
  for (auto& state : c_.states) {
    // its tree omits the etag
    if (state.manifest.exhaustive) continue;
    if (!state.detached && (named == nullptr || state.revision->born_ns > named->revision->born_ns))
      named = &state;
    const auto born = state.revision->born_ns;
    if (born == 0 || born > partial.meta.mtime_ns + slack_ns) continue;
    if (best == nullptr || born > best->revision->born_ns) best = &state;
  }
  return best != nullptr ? best : named;
}

Want Partials::wanted_by(const Wants& wants, const Partial& partial) const {
  const auto listed = wants.files.find(partial.etag);
  const auto* file = partial.etag.empty() || listed == wants.files.end() ? nullptr : listed->second;
  const std::string_view path =
      !partial.local_file.empty() || file == nullptr ? partial.local_file : file->path;
  if (!path.empty()) {
    const auto* entry = wants.state->revision->find_entry(path);
    const bool there = entry != nullptr && entry->exists && !entry->to_partial;
    return there ? Want{} : Want{wants.state, file};
  }
  const bool dangling = !partial.etag.empty() && wants.dangling.contains(partial.etag);
  return dangling ? Want{wants.state, nullptr} : Want{};
}

std::vector<Want> Partials::wants_of(const Partial& partial) const {
  std::vector<Want> found;
  for (const auto& wants : wants_) {  // in the order of the states: detached ones last
    const auto want = wanted_by(wants, partial);
    if (want.state == nullptr) continue;
    if (want.state->detached && !found.empty()) break;
    found.push_back(want);
  }
  if (!found.empty() || !partial.local_file.empty()) return found;
  if (auto* state = by_time(partial)) found.push_back({state, nullptr});
  return found;
}

bool has_blob(const RepoInventory& repo, const std::string& etag) {
  const int blob = repo.find_blob(etag);
  return blob >= 0 && repo.blobs[static_cast<std::size_t>(blob)].content() != nullptr;
}

// Of a program other than a client: a copy that may still be running on another host.
bool is_of_other_program(const RepoCheck& c, const Partial& partial) {
  return !c.context.local_dir && partial.path.starts_with("blobs/") &&
         is_partial_of_other_program(last_component(partial.path));
}

}  // namespace

std::string file_wanted(const Partial& partial, const Want& want) {
  return want.file != nullptr ? std::string(want.file->path) : partial.local_file;
}

std::string progress_of(const Partial& partial, const ExpectedFile* file) {
  auto text = human_bytes(partial.present);
  if (file != nullptr && file->size) text += " of " + human_bytes(*file->size);
  return text;
}

void check_partials(RepoCheck& c) {
  const Partials partials(c);
  for (const auto& partial : c.repo.partials) {
    if (partial.meta.type != FileType::regular) continue;
    const bool finished = std::any_of(c.states.begin(), c.states.end(),
                                      [&](const RevisionState& state) {
                                        return c.has_content(state, partial.etag);
                                      }) ||
                          has_blob(c.repo, partial.etag);
    const auto wants = finished ? std::vector<Want>{} : partials.wants_of(partial);
    const auto first = wants.empty() ? Want{} : wants.front();
    const auto file = file_wanted(partial, first);
    if (!file.empty() && !c.context.filter.accepts(file)) continue;  // outside the filter
    const bool live = partial.live() || (c.context.moving && !wants.empty());
    const bool dead_beside_live = !live && partials.another_is_live(partial);
    // its blob, or the entry that wants it, may be unreadable
    if (!live && !finished && !dead_beside_live && !c.absence_counts()) continue;
    for (const auto& want : wants) {
      if (dead_beside_live) break;
      want.state->incomplete = true;
      want.state->live = want.state->live || live;
      want.state->wanted_partial = want.state->wanted_partial || !live;
      if (!file.empty()) want.state->missing.push_back(file);  // the partial stands for it
    }
    const bool leftover = !live && (finished || dead_beside_live || wants.empty());
    constexpr std::int64_t in_use_ns = 60LL * 60 * 1'000'000'000;
    const bool foreign = leftover && is_of_other_program(c, partial);
    if (foreign && c.context.now_ns - partial.meta.mtime_ns < in_use_ns) continue;
    if (live)
      raise_download_in_progress(c, partial, first);
    else if (finished)
      raise_orphan_partial(c, partial, "leftover partial download; the file itself is complete",
                           true);
    else if (dead_beside_live)
      raise_orphan_partial(c, partial, "a running process downloads the same file anew");
    else if (wants.empty() && !c.states.empty())
      raise_orphan_partial(c, partial, "no revision here needs it");
    // hf-hub writes refs and snapshots only after the first file: without any, the partial is the
    // only evidence.
    else if (!partials.entry_points_at(partial))
      raise_incomplete_download(c, partial, first);
    if (foreign && c.findings.back().id == FindingId::orphan_partial)
      c.findings.back().fix = fix::none;  // another program's: its user has to decide
  }
}

}  // namespace hfaudit
