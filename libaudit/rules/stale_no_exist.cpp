// # stale-no-exist
//
// A marker below `.no_exist/` records that the commit lacks the file, and the snapshot of that
// commit has it. Remove the marker.
//
// Why it matters: huggingface_hub reads the marker first and reports the file as absent. A loader
// that treats the file as optional runs without it.
//
// Not raised: for a marker of a commit without a snapshot, or if the entry lacks its content.
//
// Causes: huggingface_hub from 0.9 on and hf-hub 1.x write a marker if the server answers 404 and
// names a commit. It stays when the file arrives later: from a mirror that was behind the Hub, or
// by hand.
#include "rules/rules.hpp"

namespace hfaudit {

void check_stale_no_exist(RepoCheck& c) {
  for (const auto& state : c.states) {
    const auto markers = c.repo.no_exist.find(state.revision->commit);
    if (markers == c.repo.no_exist.end()) continue;
    for (const auto& path : markers->second) {
      const auto* entry = state.revision->find_entry(path);
      if (entry == nullptr || !entry->exists) continue;
      c.raise(FindingId::stale_no_exist, ".no_exist/" + state.revision->commit + "/" + path,
              "the marker hides " + printable(path) + ", which is here", &state);
    }
  }
}

}  // namespace hfaudit
