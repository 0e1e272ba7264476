// # missing-code
//
// A Python file is absent that the model's own files name: `auto_map` of `config.json`,
// `tokenizer_config.json` and the processors' configurations, a class in `modules.json`, a pipeline
// class in `model_index.json`, or an import of code that is here. transformers
// (`dynamic_module_utils.py`), sentence-transformers and diffusers look for it.
//
// Why it matters: a loader that is started with `trust_remote_code=True` fails. Loaders with a
// class of their own for the model, and servers such as vLLM, work without the file. A pull of the
// repo brings it, unless the listing is here without it: then the Hub lacks it, too.
//
// Not raised: if the listing has the file, which then is a missing-file; for code in another repo
// (missing-dependency); for a detached revision; while a process downloads the revision; if
// `--include` or `--exclude` leaves the file out; if a folder of the repo was unreadable.
//
// Causes: a derived repo that took over the configuration without the code. A download of the
// weights and the JSON files alone, as servers with their own classes make it.
#include <algorithm>

#include "rules/expect_named.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

void check_missing_code(RepoCheck& c, const RevisionState& state) {
  if (state.live || state.detached) return;
  const auto* listing = state.evidence->listing();
  std::set<std::string> reported;
  for (const auto& named : state.evidence->named) {
    if (named.kind != NamedKind::code || has_any_path(state.revision->entries, named.paths))
      continue;
    const auto& path = named.paths.front();
    if (find_expected(state.manifest, path) != nullptr) continue;  // listed
    if (!c.context.filter.accepts(path) || !reported.insert(path).second) continue;
    const auto why = listing != nullptr ? "; the listing does not have it" : "";
    auto& finding = c.raise(
        FindingId::missing_code, c.place(state, path),
        printable(path) + " is missing; " + printable(named.named_by) + " names it" + why, &state);
    finding.details.emplace_back(detail_key::named_by, named.named_by);
    if (listing != nullptr) finding.details.emplace_back(detail_key::listed, std::uint64_t{0});
  }
}

}  // namespace hfaudit
