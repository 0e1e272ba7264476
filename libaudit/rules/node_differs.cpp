// # node-differs
//
// In a merged report of several caches: a ref of one repo names different commits, or the same
// commit has another number of files or bytes. The finding names a node of each kind; nodes without
// the repo are left out.
//
// Why it matters: a job that runs on all nodes loads different weights on each, and its results
// depend on where it ran.
//
// Not raised: for damage, which has findings of its own; for refs that only one node has.
//
// Causes: the branch moved between two downloads; one node was forgotten; a download with other
// patterns. `hfaudit pull --locked` brings the same commit and files to all of them.
#include "rules/node_differs.hpp"

#include <map>
#include <string>
#include <utility>

#include "base/numbers.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit {
namespace {

// The revision that a ref names on a node.
struct Held {
  const RepoReport* repo = nullptr;
  const RevisionReport* revision = nullptr;

  [[nodiscard]] bool is_whole() const {
    return revision->verdict == Verdict::complete || revision->verdict == Verdict::subset;
  }
};

constexpr std::size_t shown_digits = 12;

std::string in_words(const Held& held) {
  return printable(held.repo->cache_ref.host) + " has commit " +
         printable(held.revision->commit.substr(0, shown_digits)) + ", " +
         std::to_string(held.revision->files.present) + " files, " +
         human_bytes(held.revision->bytes.present);
}

// In a damaged revision the counts of files and bytes are useless: the wanted files are unknown.
bool differs(const Held& a, const Held& b) {
  if (a.revision->commit != b.revision->commit) return true;
  const bool same = a.revision->files.present == b.revision->files.present &&
                    a.revision->bytes.present == b.revision->bytes.present;
  return !same && a.is_whole() && b.is_whole();
}

Finding finding_of(const std::string& ref, const Held& first, const Held& other,
                   std::uint64_t differing) {
  const auto& info = info_of(FindingId::node_differs);
  Finding finding;
  finding.id = info.id;
  finding.severity = info.severity;
  finding.repo = other.repo->repo;
  finding.revision = other.revision->commit;
  finding.path = other.repo->path;
  finding.message =
      "the nodes differ at " + printable(ref) + ": " + in_words(first) + "; " + in_words(other) +
      (differing > 1 ? "; " + std::to_string(differing) + " nodes differ from the first"
                     : std::string());
  finding.fix = info.fix;
  finding.details = {{std::string(detail_key::ref), ref},
                     {std::string(detail_key::commit), first.revision->commit},
                     {std::string(detail_key::other), first.repo->cache_ref.host}};
  finding.cache_ref = other.repo->cache_ref;
  return finding;
}

}  // namespace

std::vector<Finding> check_node_differs(const std::vector<RepoReport>& repos) {
  std::map<std::pair<RepoId, std::string>, std::vector<Held>> by_ref;
  for (const auto& repo : repos) {
    for (const auto& revision : repo.revisions) {
      for (const auto& ref : revision.refs)
        by_ref[{repo.repo, ref}].push_back({&repo, &revision});
    }
  }
  std::vector<Finding> findings;
  for (const auto& [key, held] : by_ref) {
    const Held* other = nullptr;
    std::uint64_t differing = 0;
    for (const auto& one : held) {
      if (!differs(held.front(), one)) continue;
      if (other == nullptr) other = &one;
      ++differing;
    }
    if (other != nullptr)
      findings.push_back(finding_of(key.second, held.front(), *other, differing));
  }
  return findings;
}

}  // namespace hfaudit
