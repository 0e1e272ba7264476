#include "compare/compare_repos.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace hfaudit {
namespace {

using RepoKey = std::pair<std::size_t, RepoId>;  // the number of its cache
using RepoList = std::vector<const RepoReport*>;

bool is_damaged(Verdict verdict) {
  return verdict == Verdict::incomplete || verdict == Verdict::corrupt;
}

// Bytes that are here count only for the same commit: another one has another size.
bool has_same_commits(const RepoReport& a, const RepoReport& b) {
  return std::equal(a.revisions.begin(), a.revisions.end(), b.revisions.begin(), b.revisions.end(),
                    [](const RevisionReport& one, const RevisionReport& other) {
                      return one.commit == other.commit;
                    });
}

Change change_of(const RepoReport& now, const RepoReport& past) {
  if (now.verdict != past.verdict)
    return now.verdict > past.verdict ? Change::worse : Change::better;
  const bool comparable =
      is_damaged(now.verdict) && now.basis == past.basis && has_same_commits(now, past);
  if (!comparable || now.bytes.present == past.bytes.present) return Change::same;
  return now.bytes.present < past.bytes.present ? Change::worse : Change::better;
}

// The one at the same path, else the first that is left: a repo may be here twice.
const RepoReport* take_same(RepoList& earlier, const RepoReport& now) {
  if (earlier.empty()) return nullptr;
  auto at = std::find_if(earlier.begin(), earlier.end(),
                         [&now](const RepoReport* one) { return one->path == now.path; });
  if (at == earlier.end()) at = earlier.begin();
  const RepoReport* found = *at;
  earlier.erase(at);
  return found;
}

// What made a repo worse in the earlier report was looked at again.
bool covers_its_errors(const RepoReport& past, const Report& report, const Coverage& coverage) {
  return std::all_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    const bool own = finding.repo == past.repo && finding.cache_ref == past.cache_ref;
    return !own || finding.severity != Severity::error || coverage.covers(finding);
  });
}

}  // namespace

std::vector<RepoChange> compare_repos(const Report& now, const Report& past,
                                      const CacheNumbers& caches, const Coverage& coverage) {
  std::map<RepoKey, RepoList> earlier;
  for (const RepoReport& repo : past.repos)
    earlier[{caches.past(repo.cache_ref), repo.repo}].push_back(&repo);
  std::vector<RepoChange> changes;
  for (const RepoReport& repo : now.repos) {
    const RepoReport* before = take_same(earlier[{caches.now(repo.cache_ref), repo.repo}], repo);
    RepoChange change{Change::added, repo.repo, repo.path,          {},
                      repo.verdict,  0,         repo.bytes.present, repo.cache_ref};
    if (before != nullptr) {
      change.change = change_of(repo, *before);
      const bool unproven =
          repo.verdict == Verdict::unknown || !covers_its_errors(*before, past, coverage);
      if (change.change == Change::better && unproven) change.change = Change::same;
      change.was = before->verdict;
      change.bytes_was = before->bytes.present;
    }
    if (change.change != Change::same) changes.push_back(std::move(change));
  }
  for (const auto& [key, left] : earlier) {
    for (const RepoReport* repo : left) {
      if (!coverage.covers(*repo)) continue;
      changes.push_back({Change::gone,
                         repo->repo,
                         repo->path,
                         repo->verdict,
                         {},
                         repo->bytes.present,
                         0,
                         repo->cache_ref});
    }
  }
  return changes;
}

}  // namespace hfaudit
