// The coverage of a run: whether it would have raised a finding of an earlier report again. If that
// is uncertain, the answer is false: a finding counts as gone only if the run searched for it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compare/cache_numbers.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

class Coverage {
 public:
  // The three outlive it. `interrupted`: the run ended before its time.
  Coverage(const Report& now, const Report& past, const CacheNumbers& caches, bool interrupted);

  [[nodiscard]] bool covers(const Finding& past) const;
  [[nodiscard]] bool covers(const RepoReport& past) const;

 private:
  using RepoKey = std::pair<std::size_t, RepoId>;  // the number of its cache

  // The requested repos of a cache, with the patterns of the earlier report.
  struct AskedRepos {
    bool whole_cache = false;  // without a REPO, whatever the patterns
    bool all = false;
    std::map<std::string, std::set<std::string>> revisions;  // by name; empty: any revision
  };

  void add_scopes();
  [[nodiscard]] bool is_asked_for(std::size_t cache, const RepoId& repo,
                                  const std::string& revision) const;
  [[nodiscard]] bool is_readable(std::size_t cache, const RepoId& repo) const;
  [[nodiscard]] bool covers_home(std::size_t cache) const;
  [[nodiscard]] bool covers_revision(const RepoKey& key, const Finding& past) const;

  const Report& now_;
  const Report& past_;
  const CacheNumbers& caches_;
  bool interrupted_;
  bool same_locations_;  // every kind of folder that the earlier run scanned was scanned
  bool all_content_;     // the content was read, or proven by an earlier run
  std::map<std::size_t, AskedRepos> scopes_;  // by the number of the cache
  std::set<std::size_t> unreadable_caches_;
  std::set<std::pair<std::size_t, std::string>> unreadable_folders_;  // of repos
  std::map<RepoKey, std::vector<const RepoReport*>> repos_, past_repos_;
};

}  // namespace hfaudit
