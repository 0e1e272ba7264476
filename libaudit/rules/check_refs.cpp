#include <algorithm>
#include <map>

#include "rules/rules.hpp"

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

// The commit that a malformed ref should name, as far as the cache tells: what stands in it, else the snapshot that
// no other ref names; of several the newest. Empty: nothing tells.
std::string commit_for(const Case& c, const Ref& ref) {
  if (!ref.commit.empty()) return ref.commit;
  const Revision* best = nullptr;
  for (const auto& state : c.states) {
    const auto* revision = state.revision;
    if (!state.refs.empty() || revision->entries.empty() || !is_commit_hash(revision->commit)) continue;
    if (best == nullptr || revision->born_ns > best->born_ns) best = revision;
  }
  return best == nullptr ? std::string() : best->commit;
}

}  // namespace

void check_refs(Case& c) {
  for (const auto& ref : c.repo.refs) {
    if (!ref.trouble.empty()) {
      auto& finding = c.raise(FindingId::ref_malformed, "refs/" + ref.name,
                              "the ref " + printable(ref.name) + " " + ref.trouble);
      finding.revision = ref.commit;
      finding.seen = seen_of(ref.meta);
      finding.details.emplace_back("ref", ref.name);
      if (const auto commit = commit_for(c, ref); !commit.empty() && ref.meta.type == FileType::regular) {
        finding.fix = "set-ref";
        finding.details.emplace_back("commit", commit);
      }
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
