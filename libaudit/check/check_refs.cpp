#include <algorithm>
#include <map>

#include "check/rules.hpp"

namespace hfaudit {
namespace {

// A marker of a 404 beside the very file: huggingface_hub looks at the marker first and says "no such file".
void check_markers(Case& c) {
  for (const auto& state : c.states) {
    const auto markers = c.repo.no_exist.find(state.revision->commit);
    if (markers == c.repo.no_exist.end()) continue;
    for (const auto& path : markers->second) {
      const auto& entries = state.revision->entries;
      const auto found = std::lower_bound(entries.begin(), entries.end(), path,
                                          [](const Entry& entry, const std::string& p) { return entry.path < p; });
      if (found == entries.end() || found->path != path || !found->exists) continue;
      c.raise(FindingId::stale_no_exist, ".no_exist/" + state.revision->commit + "/" + path,
              "the marker hides " + printable(path) + ", which is here", &state);
    }
  }
}

}  // namespace

void check_refs(Case& c) {
  for (const auto& ref : c.repo.refs) {
    if (!ref.trouble.empty()) {
      auto& finding = c.raise(FindingId::ref_malformed, "refs/" + ref.name,
                              "the ref " + printable(ref.name) + " " + ref.trouble);
      finding.revision = ref.commit;
    }
  }
  for (const auto& state : c.states) {
    const bool empty = state.revision->entries.empty();
    if (!state.detached || empty || !state.revision->exists) continue;
    std::uint64_t bytes = 0;
    for (const auto& entry : state.revision->entries)
      bytes += entry.exists ? entry.meta.size : 0;
    auto& finding = c.raise(FindingId::detached_revision, "snapshots/" + state.revision->commit,
                            "no ref names this snapshot", &state);
    finding.bytes = bytes;
  }
  check_markers(c);
}

}  // namespace hfaudit
