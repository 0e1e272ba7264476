// # unlocked-file
//
// With `--locked`: the snapshot of a locked commit has a file that is missing from the lock file,
// and that a program which loads the repo may use: weights, a configuration, a tokenizer, code; of
// a dataset also images and sounds.
//
// Why it matters: loaders choose by name. `model.safetensors` goes before an index, an adapter is
// applied to its base model, and code of the repo is run: all without approval.
//
// Not raised: for documents (README, LICENSE, `*.md`) and images of a model; in a `--local-dir`
// download, whose folder is its user's; for files that `--include` and `--exclude` leave out.
//
// Causes: the lock file was written of a subset, and more of the commit was downloaded since; a
// file that was added by hand.
#include "listings/file_role.hpp"
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] bool may_be_loaded(RepoType type, std::string_view path) {
  return !is_document(path) && (type == RepoType::dataset || !is_media(path));
}

}  // namespace

void check_unlocked_files(RepoCheck& c) {
  for (const auto& state : c.states) {
    if (!state.evidence->locked || c.context.local_dir) continue;
    for (const auto& entry : state.revision->entries) {
      const bool named = state.evidence->locked->find(entry.path) != nullptr;
      if (named || !entry.exists || !may_be_loaded(c.repo.repo.type, entry.path) ||
          !c.context.filter.accepts(entry.path))
        continue;
      auto& finding = c.raise(
          FindingId::unlocked_file, c.place(state, entry.path),
          printable(entry.path) + " is not in the lock file, and a loader may read it", &state);
      finding.seen = identity_of(entry.meta);
    }
  }
}

}  // namespace hfaudit
