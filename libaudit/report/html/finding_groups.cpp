#include "report/html/finding_groups.hpp"

#include <map>
#include <string>
#include <tuple>

#include "base/sum.hpp"

namespace hfaudit::report {

std::vector<FindingGroup> html_groups_of(const Report& report, Severity least, Severity most) {
  using Key = std::tuple<CacheRef, std::optional<RepoId>, std::string, FindingId, Severity>;
  std::map<Key, std::size_t> positions;
  std::vector<FindingGroup> groups;
  for (const Finding& finding : report.findings) {
    if (finding.severity < least || finding.severity > most) continue;
    const auto [at, fresh] = positions.try_emplace(
        {finding.cache_ref, finding.repo, finding.revision, finding.id, finding.severity},
        groups.size());
    if (fresh) groups.push_back({&finding, 0, 0});
    FindingGroup& group = groups[at->second];
    ++group.count;
    add_size(group.bytes, finding.bytes);
  }
  return groups;
}

}  // namespace hfaudit::report
