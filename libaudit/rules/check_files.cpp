#include <algorithm>
#include <set>
#include <unordered_map>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

bool is_shard(const ExpectedFile& file) {
  return is_weight_file(file.path) && (file.named_by.ends_with(".json") || is_weight_file(file.named_by)) &&
         file.named_by != "model_index.json";
}

const Entry* first_at_or_after(const std::vector<Entry>& entries, const std::string& path) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), path,
                                   [](const Entry& entry, const std::string& p) { return entry.path < p; });
  return at == entries.end() ? nullptr : &*at;
}

// Is there an entry for the file? A path that ends with a slash is the folder of a diffusers component: there when
// anything in it is.
bool has_entry(const RevisionState& state, const std::string& path) {
  const auto* entry = first_at_or_after(state.revision->entries, path);
  return entry != nullptr && (entry->path == path || (path.ends_with('/') && entry->path.starts_with(path)));
}

// Locks of absent blobs. A client takes one when it begins a download, so the file was wanted: a lock that is held
// makes the revision live; one that came after the tree was listed shows what a failed run was about to fetch.
// (Older ones may be from before an `hf cache rm`, which leaves locks behind.)
void check_lock_evidence(Case& c, RevisionState& state) {
  if (!state.manifest.exhaustive && state.detached) return;
  std::unordered_map<std::string_view, const ExpectedFile*> absent;
  for (const auto& file : state.manifest.files) {
    if (!file.etag.empty() && !has_entry(state, file.path)) absent.emplace(file.etag, &file);
  }
  const auto tree = std::find_if(c.repo.trees.begin(), c.repo.trees.end(), [&](const Thing& thing) {
    return thing.path.find(state.revision->commit) != std::string::npos;
  });
  for (const auto& lock : c.repo.locks) {
    const auto file = absent.find(lock.etag);
    const bool listed = file != absent.end();
    if (lock.state == LockState::held) {
      const bool may_be_ours = listed || (!state.manifest.exhaustive && c.repo.find_blob(lock.etag) < 0);
      state.live = state.live || (may_be_ours && !lock.etag.empty());
    } else if (listed && tree != c.repo.trees.end() && lock.meta.mtime_ns >= tree->meta.mtime_ns) {
      if (file->second->named_by.empty()) state.begun.insert(file->second->path);
    }
  }
}

// Splits what is absent into what was wanted (raised) and what was not (a subset).
void check_absent(Case& c, RevisionState& state) {
  const std::set<std::string, std::less<>> told(state.missing.begin(), state.missing.end());  // missing grows below
  std::vector<const ExpectedFile*> plain;
  for (const auto& file : state.manifest.files) {
    if (!c.context.filter.accepts(file.path) || has_entry(state, file.path) || told.contains(file.path)) continue;
    const bool begun = state.begun.contains(file.path);
    if (file.named_by.empty() && !begun) {
      plain.push_back(&file);
      continue;
    }
    state.incomplete = true;
    state.missing.push_back(file.path);
    if (state.live) continue;  // it is on its way
    auto& finding =
        c.raise(is_shard(file) ? FindingId::missing_shard : FindingId::missing_file, c.place(state, file.path),
                printable(file.path) + (begun ? " is not here: its download was begun and failed"
                                              : " is not here, and " + printable(file.named_by) + " asks for it"),
                &state);
    finding.bytes = file.size.value_or(0);
    if (!begun) finding.details.emplace_back("named_by", file.named_by);
  }
  // What only the tree lists is wanted where anything shows that the whole was, or where the user named it.
  const bool all_wanted = state.whole_wanted || state.wanted_partial || state.live || !c.context.filter.empty();
  const bool nothing_at_all = state.revision->entries.empty();
  for (const auto* file : plain) {
    if (!all_wanted) {
      state.unwanted.push_back(file->path);
      continue;
    }
    state.incomplete = true;
    state.missing.push_back(file->path);
    const bool told_as_nothing = nothing_at_all && state.nothing_told;
    if (state.live || told_as_nothing) continue;
    auto& finding = c.raise(FindingId::missing_file, c.place(state, file->path),
                            printable(file->path) + " is not here", &state);
    finding.bytes = file->size.value_or(0);
  }
}

// A finished blob that the tree wants and no entry uses: the client died between the two. That shows that the file
// was wanted, and its entry is all that is missing.
void check_unlinked_blobs(Case& c, RevisionState& state) {
  const auto unused = std::count(c.used_blobs.begin(), c.used_blobs.end(), false);
  if (!state.manifest.exhaustive || unused == 0 || !c.absence_counts()) return;
  for (auto& file : state.manifest.files) {
    if (has_entry(state, file.path) || !c.context.filter.accepts(file.path)) continue;
    const int blob = c.repo.find_blob(file.etag);
    const auto number = static_cast<std::size_t>(std::max(blob, 0));
    if (blob < 0 || c.used_blobs[number]) continue;
    const auto* content = c.repo.blobs[number].content();
    if (content == nullptr || (file.size && *file.size != content->size)) continue;
    state.incomplete = true;
    state.whole_wanted = true;
    state.missing.push_back(file.path);
    c.unlinked_blobs[number] = true;
    if (state.live) continue;
    auto& finding = c.raise(FindingId::missing_file, c.place(state, file.path),
                            printable(file.path) + " is downloaded, and the snapshot has no entry for it", &state);
    finding.fix = "relink";
    finding.details.emplace_back("blob", file.etag);
  }
}

// A config and no weights: normal after a look at the config, bad before a server's start.
void check_weights(Case& c, RevisionState& state) {
  if (c.repo.repo.type != RepoType::model || state.detached || state.incomplete || state.live) return;
  if (!c.absence_counts()) return;
  const auto& entries = state.revision->entries;
  const bool config =
      std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.path == "config.json"; });
  const bool weights =
      std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return is_weight_file(e.path); });
  if (!config || weights) return;
  const auto& files = state.manifest.files;
  const bool has_none = state.manifest.exhaustive && std::none_of(files.begin(), files.end(), [](const auto& f) {
                          return is_weight_file(f.path);
                        });
  if (has_none || !c.context.filter.empty()) return;
  state.hollow = true;
  c.raise(FindingId::missing_weights, "snapshots/" + state.revision->commit, "a config and no weights", &state);
}

// A ref to a commit of which there is nothing. A probe for a file that does not exist leaves that, with a marker.
void check_nothing(Case& c, RevisionState& state) {
  if (!c.absence_counts()) return;
  const bool something = state.wanted_partial || state.whole_wanted || state.live || !state.begun.empty();
  if (!state.revision->entries.empty() || something) return;
  const auto path = c.context.local_dir ? std::string() : "snapshots/" + state.revision->commit;
  if (state.revision->exists) {
    c.raise(FindingId::empty_snapshot, path, "the snapshot has no entry", &state).seen =
        seen_of(state.revision->meta);
  }
  if (state.refs.empty() && c.context.asked_revision.empty()) {
    state.hollow = true;
    return;
  }
  if (c.repo.no_exist.contains(state.revision->commit)) {
    state.hollow = true;
    if (!state.revision->exists) {
      c.raise(FindingId::ref_dangling, "refs/" + (state.refs.empty() ? "" : state.refs.front()),
              "names a commit of which only the absence of a file was asked", &state);
    }
    return;
  }
  state.incomplete = true;
  state.nothing_told = true;
  c.raise(FindingId::nothing_here, state.refs.empty() ? path : "refs/" + state.refs.front(),
          "names commit " + printable(state.revision->commit.substr(0, 12)) +
              ", of which nothing is here (a --local-dir download leaves such a ref, too)",
          &state);
}

}  // namespace

void check_files(Case& c) {
  for (auto& state : c.states) {
    if (!c.absence_counts()) continue;
    check_unlinked_blobs(c, state);
    check_lock_evidence(c, state);
    check_nothing(c, state);
    check_absent(c, state);
    check_weights(c, state);
  }
}

}  // namespace hfaudit
