#include <algorithm>
#include <set>

#include "check/rules.hpp"

namespace hfaudit {
namespace {

bool is_shard(const ExpectedFile& file) {
  return is_weight_file(file.path) && (file.named_by.ends_with(".json") || is_weight_file(file.named_by)) &&
         file.named_by != "model_index.json";
}

// Splits what is absent into what was wanted (raised) and what was not (a subset).
void check_absent(Case& c, RevisionState& state) {
  const std::set<std::string_view> told(state.missing.begin(), state.missing.end());
  const auto& entries = state.revision->entries;
  const auto absent = [&](const ExpectedFile& file) {
    const auto at = std::lower_bound(entries.begin(), entries.end(), file.path,
                                     [](const Entry& entry, const std::string& path) { return entry.path < path; });
    if (at != entries.end() && at->path == file.path) return false;
    const bool folder = file.path.ends_with('/');  // of a diffusers component: there when anything in it is
    if (folder && at != entries.end() && at->path.starts_with(file.path)) return false;
    return !told.contains(file.path);
  };
  std::vector<const ExpectedFile*> plain;
  for (const auto& file : state.manifest.files) {
    if (!c.context.filter.accepts(file.path) || !absent(file)) continue;
    if (file.named_by.empty()) {
      plain.push_back(&file);
      continue;
    }
    state.incomplete = true;
    state.missing.push_back(file.path);
    if (state.live) continue;  // it is on its way
    auto& finding = c.raise(is_shard(file) ? FindingId::missing_shard : FindingId::missing_file,
                            c.place(state, file.path),
                            shown(file.path) + " is not here, and " + shown(file.named_by) + " asks for it", &state);
    finding.bytes = file.size.value_or(0);
    finding.details.emplace_back("named_by", file.named_by);
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
    if (state.live || (nothing_at_all && !state.wanted_partial && !state.whole_wanted)) continue;  // on its way; or told once, as nothing-here
    auto& finding = c.raise(FindingId::missing_file, c.place(state, file->path), shown(file->path) + " is not here", &state);
    finding.bytes = file->size.value_or(0);
  }
}

// A finished blob that the tree wants and no entry uses: the client died between the two. That shows that the file was
// wanted, and its entry is all that is missing.
void check_unlinked_blobs(Case& c, RevisionState& state) {
  const auto unused = std::count(c.used_blobs.begin(), c.used_blobs.end(), false);
  if (!state.manifest.exhaustive || unused == 0) return;
  std::set<std::string_view> here;
  for (const auto& entry : state.revision->entries) here.insert(entry.path);
  for (auto& file : state.manifest.files) {
    if (here.contains(file.path) || !c.context.filter.accepts(file.path)) continue;
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
                            shown(file.path) + " is downloaded, and the snapshot has no entry for it", &state);
    finding.fix = "relink";
    finding.details.emplace_back("blob", file.etag);
  }
}

// A config and no weights: normal after a look at the config, bad before a server's start.
void check_weights(Case& c, RevisionState& state) {
  if (c.repo.repo.type != RepoType::model || state.detached || state.incomplete || state.live) return;
  const auto& entries = state.revision->entries;
  const bool config = std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.path == "config.json"; });
  const bool weights = std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return is_weight_file(e.path); });
  if (!config || weights) return;
  const auto& files = state.manifest.files;
  const bool has_none = state.manifest.exhaustive &&
                        std::none_of(files.begin(), files.end(), [](const auto& f) { return is_weight_file(f.path); });
  if (has_none || !c.context.filter.empty()) return;
  state.hollow = true;
  c.raise(FindingId::missing_weights, "snapshots/" + state.revision->commit, "a config and no weights", &state);
}

// A ref to a commit of which there is nothing. A probe for a file that does not exist leaves that, with a marker.
void check_nothing(Case& c, RevisionState& state) {
  if (!state.revision->entries.empty() || state.wanted_partial || state.whole_wanted || state.live) return;
  const auto path = "snapshots/" + state.revision->commit;
  if (state.revision->exists) c.raise(FindingId::empty_snapshot, path, "the snapshot has no entry", &state);
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
  c.raise(FindingId::nothing_here, state.refs.empty() ? path : "refs/" + state.refs.front(),
          "names commit " + shown(state.revision->commit.substr(0, 12)) + ", of which nothing is here (a --local-dir download leaves such a ref, too)", &state);
}

}  // namespace

void check_files(Case& c) {
  for (auto& state : c.states) {
    check_unlinked_blobs(c, state);
    check_nothing(c, state);
    check_absent(c, state);
    check_weights(c, state);
  }
}

}  // namespace hfaudit
