// # missing-dependency
//
// The repo's files name another repo that is absent from this cache: the base model of an adapter
// (`base_model_name_or_path` of `adapter_config.json`), the repo with the code of `auto_map`
// (`org/name--module.Class`), the tokenizer of an OpenCLIP model. The advice is to pull the other
// repo.
//
// Why it matters: an offline loader fails at it, though this repo is complete.
//
// Not raised: for a path in place of a repo's name; for a detached revision; while a process
// downloads the revision; for a `--local-dir`, which lies outside a cache.
//
// Causes: a client downloads one repo, and the loader of the other has yet to run.
#include <set>

#include "rules/rules.hpp"

namespace hfaudit {

void check_missing_dependency(RepoCheck& c, const RevisionState& state) {
  if (state.live || state.detached) return;
  std::set<std::string> reported;
  for (const auto& named : state.evidence->named) {
    if (named.kind != NamedKind::dependency || named.in_cache || named.repo == c.repo.repo.id)
      continue;
    if (!reported.insert(named.repo).second) continue;
    auto& finding = c.raise(FindingId::missing_dependency, c.place(state, named.named_by),
                            printable(named.named_by) + " names " + printable(named.repo) +
                                ", which is not in the cache",
                            &state);
    finding.details.emplace_back(detail_key::named_by, named.named_by);
    finding.details.emplace_back(detail_key::other, named.repo);
  }
}

}  // namespace hfaudit
