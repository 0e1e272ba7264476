// The pass over names in the repo's own files: diffusers' components, code, other repos. Files that
// are wanted for it are in the manifest, and check_files reports those.
#include <algorithm>

#include "rules/expect_named.hpp"
#include "rules/rules.hpp"

namespace hfaudit {

// A pipeline that is loaded with `vae=` or `safety_checker=None` works without that component, and
// clients then skip its folder: the revision is a subset. A download of everything, or one that
// broke off, wants it; then check_files has reported it.
void check_missing_components(RepoCheck& c, RevisionState& state) {
  if (state.incomplete || state.live || state.detached || !c.context.filter.empty()) return;
  std::string names;
  for (const auto& component : state.evidence->components) {
    if (!lacks_component(state.revision->entries, *state.evidence, component)) continue;
    names += (names.empty() ? "" : ", ") + printable(component);
  }
  if (names.empty() || state.revision->entries.empty()) return;
  const auto at = c.place(state, "model_index.json");
  const bool raised =
      std::any_of(c.findings.begin(), c.findings.end(), [&](const Finding& finding) {
        return finding.id == FindingId::missing_weights &&
               finding.revision == state.revision->commit;
      });
  if (raised) return;
  auto& finding = c.raise(FindingId::missing_weights, at,
                          "model_index.json names components that are not here: " + names, &state);
  finding.details.emplace_back(detail_key::named_by, std::string("model_index.json"));
}

void check_named(RepoCheck& c) {
  for (auto& state : c.states) {
    if (!c.absence_counts()) continue;
    check_missing_components(c, state);
    check_missing_code(c, state);
    check_missing_dependency(c, state);
  }
}

}  // namespace hfaudit
