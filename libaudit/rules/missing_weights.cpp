// # missing-weights
//
// A snapshot of a model has `config.json` and no file of weights of any format.
//
// Why it matters: a server that starts from this snapshot fails, or begins a download. After a look
// at the configuration alone the state is normal, hence a warning; the verdict is `subset`.
//
// Not raised: if the listing has no weights either; if a file of the revision is missing, which has
// its own finding; for a detached revision; while a process downloads it; if `--include` or
// `--exclude` narrows the scan; if a folder of the repo was unreadable.
//
// Causes: a client that asked for the configuration or the tokenizer only, or that was killed
// before the first weights and left no listing.
#include <algorithm>

#include "rules/rules.hpp"

namespace hfaudit {

void check_missing_weights(RepoCheck& c, RevisionState& state) {
  if (c.repo.repo.type != RepoType::model || state.detached || state.incomplete || state.live)
    return;
  if (!c.absence_counts()) return;
  const auto& entries = state.revision->entries;
  const bool config = std::any_of(entries.begin(), entries.end(),
                                  [](const Entry& e) { return e.path == "config.json"; });
  const bool weights = std::any_of(entries.begin(), entries.end(),
                                   [](const Entry& e) { return is_weight_file(e.path); });
  if (!config || weights) return;
  const auto& files = state.manifest.files;
  const bool has_none = state.manifest.exhaustive &&
                        std::none_of(files.begin(), files.end(),
                                     [](const auto& f) { return is_weight_file(f.path); });
  if (has_none || !c.context.filter.empty()) return;
  state.empty_by_choice = true;
  c.raise(FindingId::missing_weights, "snapshots/" + state.revision->commit,
          "a config and no weights", &state);
}

}  // namespace hfaudit
