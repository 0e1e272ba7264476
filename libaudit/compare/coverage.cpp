#include "compare/coverage.hpp"

#include <algorithm>
#include <string_view>

#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

// Raised only by runs that read the content, or ask the Hub about it. A verify also raises
// not-the-content and lfs-pointer, with the hash, for files that a scan leaves closed.
bool is_of_content(const Finding& finding) {
  switch (finding.id) {
    case FindingId::digest_mismatch:
    case FindingId::damaged_on_hub:
    case FindingId::conflicting_digests:
    case FindingId::unverifiable:
      return true;
    case FindingId::not_the_content:
    case FindingId::lfs_pointer:
      return !text_detail(finding, detail_key::hash).empty();
    default:
      return false;
  }
}

bool reads_all_content(const Report& report) {
  if (!report.verified || report.verified->left.files != 0) return false;
  if (report.sources.empty()) return !report.verified->subset;
  // Of a merge: the parts have to be all of the content, which a sample fails.
  const auto whole = [](const CacheReport& cache) {
    return std::all_of(cache.partitions.begin(), cache.partitions.end(),
                       [](const Partition& one) { return one.missing.empty(); });
  };
  const auto reads = [](const Source& source) {
    const auto& verified = source.verified;
    return source.failure.empty() && verified && (!verified->subset || verified->subset->of != 0);
  };
  return std::all_of(report.caches.begin(), report.caches.end(), whole) &&
         std::all_of(report.sources.begin(), report.sources.end(), reads);
}

// The folder of the repo that a path leads through; else empty.
std::string repo_folder_in(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    if (parse_repo_folder(name)) return std::string(name);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return {};
}

bool covers_patterns(const ReportScope& now, const ReportScope& past) {
  const bool all_files = now.include.empty() && now.exclude.empty();
  const bool same_files = now.include == past.include && now.exclude == past.exclude;
  return (all_files || same_files) && now.locked == past.locked;
}

bool has_name(const RevisionReport& revision, const std::string& name) {
  return revision.commit == name ||
         std::find(revision.refs.begin(), revision.refs.end(), name) != revision.refs.end();
}

const RevisionReport* revision_of(const RepoReport& repo, const std::string& commit) {
  const auto at =
      std::find_if(repo.revisions.begin(), repo.revisions.end(),
                   [&commit](const RevisionReport& one) { return one.commit == commit; });
  return at == repo.revisions.end() ? nullptr : &*at;
}

}  // namespace

Coverage::Coverage(const Report& now, const Report& past, const CacheNumbers& caches,
                   bool interrupted)
    : now_(now),
      past_(past),
      caches_(caches),
      interrupted_(interrupted),
      all_content_(reads_all_content(now)) {
  add_scopes();
  const auto is_scanned = [&now](const ScannedLocation& earlier) {
    return std::any_of(now.scanned.begin(), now.scanned.end(),
                       [&](const ScannedLocation& one) { return one.what == earlier.what; });
  };
  same_locations_ = std::all_of(past.scanned.begin(), past.scanned.end(), is_scanned);
  for (const Unreadable& place : now.unreadable) {
    const std::size_t cache = caches.now(place.cache_ref);
    if (auto folder = repo_folder_in(place.path); !folder.empty()) {
      unreadable_folders_.emplace(cache, std::move(folder));
    } else {
      unreadable_caches_.insert(cache);
    }
  }
  for (const RepoReport& repo : now.repos)
    repos_[{caches.now(repo.cache_ref), repo.repo}].push_back(&repo);
  for (const RepoReport& repo : past.repos)
    past_repos_[{caches.past(repo.cache_ref), repo.repo}].push_back(&repo);
}

// Of all reports that went into a merge; of a plain report the only one.
void Coverage::add_scopes() {
  std::map<std::size_t, std::vector<const ReportScope*>> earlier;
  if (past_.sources.empty()) earlier[caches_.past({})].push_back(&past_.asked);
  for (const Source& source : past_.sources) {
    const bool alone = past_.caches.size() == 1;
    const CacheRef cache_ref = alone ? CacheRef{} : CacheRef{source.host, source.cache};
    if (source.failure.empty()) earlier[caches_.past(cache_ref)].push_back(&source.asked);
  }
  const auto add = [&](std::size_t cache, const ReportScope& asked) {
    AskedRepos& repos = scopes_[cache];
    if (asked.repos.empty()) repos.whole_cache = true;
    const auto& past = earlier[cache];
    if (!std::all_of(past.begin(), past.end(),
                     [&asked](const ReportScope* one) { return covers_patterns(asked, *one); }))
      return;
    if (asked.repos.empty()) repos.all = true;
    for (const std::string& name : asked.repos) {
      const std::size_t at = std::min(name.find('@'), name.size());
      repos.revisions[name.substr(0, at)].insert(name.substr(std::min(at + 1, name.size())));
    }
  };
  if (now_.sources.empty()) return add(0, now_.asked);
  const bool alone = now_.caches.size() == 1;
  for (const Source& source : now_.sources) {
    if (source.failure.empty())
      add(alone ? 0 : caches_.now({source.host, source.cache}), source.asked);
  }
}

bool Coverage::is_asked_for(std::size_t cache, const RepoId& repo,
                            const std::string& revision) const {
  const auto scope = scopes_.find(cache);
  if (scope == scopes_.end()) return false;
  if (scope->second.all) return true;
  const auto asked = scope->second.revisions.find(repo.name());
  if (asked == scope->second.revisions.end()) return false;
  if (asked->second.contains(std::string())) return true;
  const auto known = past_repos_.find({cache, repo});
  if (known == past_repos_.end()) return false;
  const RevisionReport* earlier = revision_of(*known->second.front(), revision);
  return earlier != nullptr &&
         std::any_of(asked->second.begin(), asked->second.end(),
                     [earlier](const std::string& name) { return has_name(*earlier, name); });
}

bool Coverage::is_readable(std::size_t cache, const RepoId& repo) const {
  return !unreadable_caches_.contains(cache) &&
         !unreadable_folders_.contains({cache, repo.folder()});
}

bool Coverage::covers_home(std::size_t cache) const {
  const auto scope = scopes_.find(cache);
  return same_locations_ && !unreadable_caches_.contains(cache) && scope != scopes_.end() &&
         scope->second.whole_cache;
}

// A running download hides damage, and a weaker basis finds less. The damage of a removed revision
// is gone.
bool Coverage::covers_revision(const RepoKey& key, const Finding& past) const {
  const auto here = repos_.find(key), there = past_repos_.find(key);
  if (here == repos_.end()) return true;
  for (const RepoReport* repo : here->second) {
    const RevisionReport* revision =
        past.revision.empty() ? nullptr : revision_of(*repo, past.revision);
    const Verdict verdict = revision != nullptr ? revision->verdict : repo->verdict;
    if (verdict == Verdict::in_progress || verdict == Verdict::unknown) return false;
    if (revision == nullptr || there == past_repos_.end()) continue;
    for (const RepoReport* earlier : there->second) {
      const RevisionReport* before = revision_of(*earlier, past.revision);
      if (before != nullptr && revision->basis > before->basis) return false;
    }
  }
  return true;
}

bool Coverage::covers(const Finding& past) const {
  if (interrupted_) return false;
  if (past.id == FindingId::node_differs) return caches_.only_past.empty();
  const std::size_t cache = caches_.past(past.cache_ref);
  if (!caches_.is_shared(cache)) return false;
  if (!past.repo) return covers_home(cache);
  const RepoKey key{cache, *past.repo};
  if (!is_asked_for(cache, *past.repo, past.revision) || !is_readable(cache, *past.repo))
    return false;
  if (!repos_.contains(key)) return true;
  if (is_of_content(past) && !all_content_) return false;
  return covers_revision(key, past);
}

bool Coverage::covers(const RepoReport& past) const {
  const std::size_t cache = caches_.past(past.cache_ref);
  const std::string newest = past.revisions.empty() ? "" : past.revisions.front().commit;
  return !interrupted_ && caches_.is_shared(cache) && is_asked_for(cache, past.repo, newest) &&
         is_readable(cache, past.repo);
}

}  // namespace hfaudit
