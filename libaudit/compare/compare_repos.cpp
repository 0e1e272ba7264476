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

// The errors of a report by their repo.
class RepoErrors {
 public:
  explicit RepoErrors(const Report& report) {
    for (const Finding& finding : report.findings) {
      if (finding.severity == Severity::error && finding.repo)
        errors_[{finding.cache_ref, *finding.repo}].push_back(&finding);
    }
  }

  // Whether the run would have raised all errors of this repo again.
  [[nodiscard]] bool are_covered(const RepoReport& repo, const Coverage& coverage) const {
    const auto own = errors_.find({repo.cache_ref, repo.repo});
    return own == errors_.end() ||
           std::all_of(own->second.begin(), own->second.end(),
                       [&](const Finding* finding) { return coverage.covers(*finding); });
  }

 private:
  std::map<std::pair<CacheRef, RepoId>, std::vector<const Finding*>> errors_;
};

RepoChange addition_of(const RepoReport& repo) {
  return {Change::added, repo.repo, repo.path,          {},
          repo.verdict,  0,         repo.bytes.present, repo.cache_ref};
}

RepoChange removal_of(const RepoReport& repo) {
  return {Change::gone, repo.repo,          repo.path, repo.verdict,
          {},           repo.bytes.present, 0,         repo.cache_ref};
}

}  // namespace

std::vector<RepoChange> all_new_repos(const Report& report) {
  std::vector<RepoChange> changes;
  for (const RepoReport& repo : report.repos)
    changes.push_back(addition_of(repo));
  return changes;
}

std::vector<RepoChange> compare_repos(const Report& now, const Report& past,
                                      const CacheNumbers& caches, const Coverage& coverage) {
  std::map<RepoKey, RepoList> earlier;
  for (const RepoReport& repo : past.repos)
    earlier[{caches.past(repo.cache_ref), repo.repo}].push_back(&repo);
  const RepoErrors errors(past);
  std::vector<RepoChange> changes;
  for (const RepoReport& repo : now.repos) {
    const RepoReport* before = take_same(earlier[{caches.now(repo.cache_ref), repo.repo}], repo);
    RepoChange change = addition_of(repo);
    if (before != nullptr) {
      change.change = change_of(repo, *before);
      const bool proven =
          change.change != Change::better ||
          (repo.verdict != Verdict::unknown && errors.are_covered(*before, coverage));
      if (!proven) change.change = Change::same;
      change.was = before->verdict;
      change.bytes_was = before->bytes.present;
    }
    if (change.change != Change::same) changes.push_back(std::move(change));
  }
  for (const auto& [key, left] : earlier) {
    for (const RepoReport* repo : left) {
      if (coverage.covers(*repo)) changes.push_back(removal_of(*repo));
    }
  }
  return changes;
}

}  // namespace hfaudit
