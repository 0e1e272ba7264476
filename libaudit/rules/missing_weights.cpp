// # missing-weights
//
// A snapshot of a model has a file that a loader starts from (`config.json`, `adapter_config.json`,
// `modules.json`, `model_index.json`, …) but lacks weights. Any file counts as weights unless it is
// known to be something else: a configuration, a tokenizer, a vocabulary, code, a document, an
// image. If another snapshot of the repo has weights, the message names its commit.
//
// Why it matters: a server that starts from this snapshot fails, or begins a download. After a look
// at the configuration alone the state is normal, hence a warning; the verdict is `subset`.
// hfaudit-preflight(1) refuses the revision. Without a file that a loader starts from the verdict
// is `subset`, without a finding.
//
// Not raised: if the listing lacks weights, too, or if the repo is a pipeline of models of other
// repos alone (pyannote's `config.yaml`); if a file of the revision is missing, which has
// its own finding; for a detached revision; while a process downloads it; if `--include` or
// `--exclude` narrows the scan; if a folder of the repo was unreadable.
//
// Causes: a client that asked for the configuration or the tokenizer only, or that was killed
// before the first weights and without a listing.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {
namespace {

bool has_weights(const RevisionState& state) {
  const auto holds = [](const Revision& revision) {
    const auto& entries = revision.entries;
    // the everyday case, before all names are compared
    const auto is_plain = [](const Entry& entry) {
      return entry.exists &&
             (entry.path.ends_with(".safetensors") || entry.path.ends_with(".gguf"));
    };
    return std::any_of(entries.begin(), entries.end(), is_plain) ||
           std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
             return entry.exists && may_hold_weights(entry.path);
           });
  };
  return holds(*state.revision) ||
         std::any_of(state.companions.begin(), state.companions.end(),
                     [&](const Revision* other) { return holds(*other); });
}

// The commit of another snapshot that has weights and all its files.
std::string commit_with_weights(const RepoCheck& c, const RevisionState& state) {
  for (const auto& other : c.states) {
    if (&other != &state && !other.incomplete && !other.corrupt && has_weights(other))
      return other.revision->commit;
  }
  return {};
}

// A pipeline of pyannote may consist of other repos' models.
bool is_made_of_other_repos(const RevisionState& state) {
  constexpr std::string_view pipeline = "config.yaml";
  const auto& named = state.evidence->named;
  const auto any = [&](NamedKind kind) {
    return std::any_of(named.begin(), named.end(), [&](const Named& one) {
      return one.kind == kind && one.named_by == pipeline;
    });
  };
  return any(NamedKind::dependency) && !any(NamedKind::part);
}

}  // namespace

void check_missing_weights(RepoCheck& c, RevisionState& state) {
  const auto& entries = state.revision->entries;
  if (c.repo.repo.type != RepoType::model || entries.empty()) return;
  if (!c.absence_counts() || !c.context.filter.empty() || has_weights(state)) return;
  if (is_made_of_other_repos(state)) return;
  const auto& files = state.manifest.files;
  const bool has_none = state.manifest.exhaustive &&
                        std::none_of(files.begin(), files.end(),
                                     [](const auto& file) { return may_hold_weights(file.path); });
  if (has_none) return;
  state.without_weights = true;
  state.weights_at = commit_with_weights(c, state);
  if (state.detached || state.incomplete || state.live) return;
  const auto start = std::find_if(entries.begin(), entries.end(),
                                  [](const Entry& entry) { return is_loader_start(entry.path); });
  if (start == entries.end()) return;
  auto text = printable(start->path) + " is here, but no weights";
  if (!state.weights_at.empty())
    text += "; commit " + printable(state.weights_at.substr(0, 12)) + " has them";
  c.raise(FindingId::missing_weights,
          c.context.local_dir ? std::string() : "snapshots/" + state.revision->commit,
          std::move(text), &state);
}

}  // namespace hfaudit
