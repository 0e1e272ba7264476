#include <algorithm>
#include <limits>

#include "check/rules.hpp"

namespace hfaudit {
namespace {

struct Want {
  RevisionState* state = nullptr;
  const ExpectedFile* file = nullptr;  // which file it is to become, where the tree tells
};

const Entry* find_entry(const Revision& revision, const std::string& path) {
  const auto found = std::lower_bound(revision.entries.begin(), revision.entries.end(), path,
                                      [](const Entry& entry, const std::string& p) { return entry.path < p; });
  return found != revision.entries.end() && found->path == path ? &*found : nullptr;
}

// The whole manifest counts here, whatever --include says: the question is what the bytes are.
const ExpectedFile* find_by_etag(const RevisionState& state, const std::string& etag) {
  const auto found = std::find_if(state.manifest.files.begin(), state.manifest.files.end(),
                                  [&](const ExpectedFile& file) { return file.etag == etag; });
  return found == state.manifest.files.end() ? nullptr : &*found;
}

// Without a tree nothing links a partial to a file. It belongs to the revision that was being downloaded when it last
// grew: the newest snapshot folder that is older. Where times do not tell (a copied cache), to what the refs name.
RevisionState* by_time(Case& c, const Partial& partial) {
  constexpr std::int64_t slack_ns = 2'000'000'000;  // coarse clocks of network file systems
  RevisionState* best = nullptr;
  RevisionState* named = nullptr;
  for (auto& state : c.states) {
    if (state.manifest.exhaustive) continue;  // its tree does not list the etag, or it had been found by that
    if (!state.detached && (named == nullptr || state.revision->born_ns > named->revision->born_ns)) named = &state;
    const auto born = state.revision->born_ns;
    if (born == 0 || born > partial.meta.mtime_ns + slack_ns) continue;
    if (best == nullptr || born > best->revision->born_ns) best = &state;
  }
  return best != nullptr ? best : named;
}

Want who_wants(Case& c, const Partial& partial) {
  Want weak;
  for (auto& state : c.states) {
    if (!partial.local_file.empty()) {
      const auto* entry = find_entry(*state.revision, partial.local_file);
      if (entry != nullptr && entry->exists) continue;
      return {&state, find_by_etag(state, partial.etag)};
    }
    if (const auto* file = partial.etag.empty() ? nullptr : find_by_etag(state, partial.etag)) {
      const auto* entry = find_entry(*state.revision, file->path);
      const bool there = entry != nullptr && entry->exists && !entry->to_partial;
      if (there) continue;
      if (!state.detached) return {&state, file};
      if (weak.state == nullptr) weak = {&state, file};
      continue;
    }
    for (const auto& entry : state.revision->entries) {
      const bool dangling = entry.kind == EntryKind::link && !entry.exists && entry.target.ends_with("/" + partial.etag);
      if (!dangling || partial.etag.empty()) continue;
      if (!state.detached) return {&state, nullptr};
      if (weak.state == nullptr) weak = {&state, nullptr};
    }
  }
  if (weak.state != nullptr) return weak;
  if (!partial.local_file.empty()) return {};
  return {by_time(c, partial), nullptr};
}

bool another_is_live(const Case& c, const Partial& partial) {
  return std::any_of(c.repo.partials.begin(), c.repo.partials.end(), [&](const Partial& other) {
    return &other != &partial && other.live() && other.etag == partial.etag;
  });
}

std::string progress(const Partial& partial, const ExpectedFile* file) {
  auto text = shown_bytes(partial.present);
  if (file != nullptr && file->size) text += " of " + shown_bytes(*file->size);
  return text;
}

std::string by_whom(const Holder& holder) {
  if (holder.pid == 0) return "another process";
  return "pid " + std::to_string(holder.pid) + (holder.command.empty() ? "" : " (" + shown(holder.command) + ")");
}

// Which file it is to become, empty where nothing tells. Told here, it is not told again as missing.
std::string file_of(const Partial& partial, const Want& want) {
  return want.file != nullptr ? want.file->path : partial.local_file;
}

void raise_live(Case& c, const Partial& partial, const Want& want) {
  const auto idle_ns = c.context.now_ns - partial.meta.mtime_ns;
  const bool stalled = idle_ns > c.context.stalled_after_ns;
  auto& finding =
      c.raise(stalled ? FindingId::stalled_download : FindingId::download_in_progress, partial.path,
              stalled ? by_whom(partial.holder) + " holds this download, which has not grown for " +
                            std::to_string(idle_ns / 60'000'000'000) + " minutes"
                      : by_whom(partial.holder) + " is downloading it: " + progress(partial, want.file),
              want.state);
  finding.bytes = partial.present;
  if (partial.holder.pid != 0) finding.details.emplace_back("pid", static_cast<std::uint64_t>(partial.holder.pid));
  if (stalled) finding.details.emplace_back("idle_s", static_cast<std::uint64_t>(idle_ns / 1'000'000'000));
}

void raise_incomplete(Case& c, const Partial& partial, const Want& want) {
  const auto file = file_of(partial, want);
  auto& finding = c.raise(FindingId::incomplete_download, partial.path,
                          (file.empty() ? "a file" : shown(file)) + " stopped at " + progress(partial, want.file), want.state);
  finding.bytes = partial.present;
  finding.details.emplace_back("present", partial.present);
  if (!file.empty()) finding.details.emplace_back("file", file);
  if (want.file != nullptr && want.file->size) finding.details.emplace_back("expected", *want.file->size);
}

void raise_orphan(Case& c, const Partial& partial, const std::string& why) {
  auto& finding = c.raise(FindingId::orphan_partial, partial.path, why);
  finding.bytes = partial.meta.allocated;
}

bool points_here(const Case& c, const Partial& partial) {
  for (const auto& revision : c.repo.revisions) {
    for (const auto& entry : revision.entries) {
      if (entry.to_partial && entry.target.ends_with("/" + partial.path)) return true;
    }
  }
  return false;
}

}  // namespace

void check_partials(Case& c) {
  for (const auto& partial : c.repo.partials) {
    if (partial.meta.type != FileType::regular) continue;
    const int blob = c.repo.find_blob(partial.etag);
    const bool finished = blob >= 0 && c.repo.blobs[static_cast<std::size_t>(blob)].content() != nullptr;
    const auto want = finished ? Want{} : who_wants(c, partial);
    if (partial.live()) {
      if (want.state != nullptr) {
        want.state->live = true;
        if (const auto file = file_of(partial, want); !file.empty()) want.state->missing.push_back(file);
      }
      raise_live(c, partial, want);
    } else if (finished) {
      raise_orphan(c, partial, "its blob is complete: this half of an older run is of no use");
    } else if (another_is_live(c, partial)) {
      raise_orphan(c, partial, "a running process downloads the same file anew");
    } else if (c.states.empty()) {
      raise_incomplete(c, partial, want);  // hf-hub writes refs and snapshots only after the first file
    } else if (want.state == nullptr) {
      raise_orphan(c, partial, "no revision here needs it");
    } else {
      want.state->incomplete = true;
      want.state->wanted_partial = true;
      if (const auto file = file_of(partial, want); !file.empty()) want.state->missing.push_back(file);
      if (!points_here(c, partial)) raise_incomplete(c, partial, want);
    }
  }
}

}  // namespace hfaudit
