#include "merge/join.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/sum.hpp"

namespace hfaudit {
namespace {

using RepoAndPath = std::tuple<RepoId, std::string>;
using FindingKey =
    std::tuple<FindingId, Severity, std::optional<RepoId>, std::string, std::string, std::string>;

RepoAndPath key_of(const RepoReport& repo) {
  return {repo.repo, repo.path};
}

// The subject of a finding: a file, if it names one other than its path.
FindingKey key_of(const Finding& finding) {
  std::string file;
  for (const auto& [name, value] : finding.details) {
    const auto* text = std::get_if<std::string>(&value);
    if (name == detail_key::file && text != nullptr) file = *text;
  }
  return {finding.id, finding.severity, finding.repo, finding.revision, finding.path, file};
}

// Paths that lie in the home are relative to it; where reports disagree on the home, they become
// absolute.
void make_absolute(CacheState& state) {
  const std::string home = std::exchange(state.cache.hf_home, {});
  const auto absolute = [&home](std::string& path) {
    if (home.empty() || path.starts_with('/')) return;
    path = path.empty() ? home : home + "/" + path;
  };
  for (RepoReport& repo : state.repos)
    absolute(repo.path);
  for (Finding& finding : state.findings)
    absolute(finding.path);
  for (Unreadable& place : state.unreadable)
    absolute(place.path);
}

void unite_sorted(std::vector<std::string>& all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

void join_revision(RevisionReport& revision, RevisionReport later) {
  unite_sorted(revision.refs, later.refs);
  if (later.verdict < revision.verdict) return;
  later.refs = std::move(revision.refs);
  revision = std::move(later);
}

void join_repo(RepoReport& repo, RepoReport later) {
  std::vector<RevisionReport> revisions = std::move(later.revisions);
  if (later.verdict >= repo.verdict) {
    later.revisions = std::move(repo.revisions);
    repo = std::move(later);
  }
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < repo.revisions.size(); ++i)
    known.emplace(repo.revisions[i].commit, i);
  bool any_ref = false;
  for (RevisionReport& revision : revisions) {
    const auto at = known.find(revision.commit);
    if (at == known.end()) {
      repo.revisions.push_back(std::move(revision));
    } else {
      join_revision(repo.revisions[at->second], std::move(revision));
    }
  }
  for (const RevisionReport& revision : repo.revisions)
    any_ref = any_ref || !revision.refs.empty();
  for (RevisionReport& revision : repo.revisions)
    revision.detached = any_ref && revision.refs.empty();
}

class Joiner {
 public:
  void take(CacheState state) {
    take_sums(state);
    take_cache(state);
    for (RepoReport& repo : state.repos) {
      const auto [at, fresh] = repos_.try_emplace(key_of(repo));
      if (fresh) {
        at->second = std::move(repo);
      } else {
        join_repo(at->second, std::move(repo));
      }
    }
    std::map<FindingKey, std::vector<Finding>> findings;
    for (Finding& finding : state.findings)
      findings[key_of(finding)].push_back(std::move(finding));
    for (auto& [key, same] : findings)
      findings_[key] = std::move(same);
  }

  CacheState result() {
    for (auto& [key, repo] : repos_)
      all_.repos.push_back(std::move(repo));
    for (auto& [key, same] : findings_)
      std::move(same.begin(), same.end(), std::back_inserter(all_.findings));
    return std::move(all_);
  }

 private:
  void take_sums(const CacheState& state) {
    const auto is_new = [this](const RepoReport& repo) { return !repos_.contains(key_of(repo)); };
    const bool apart = !repos_.empty() && !state.repos.empty() &&
                       std::all_of(state.repos.begin(), state.repos.end(), is_new);
    const auto take = [apart](std::uint64_t& all, std::uint64_t more) {
      all = apart ? plus(all, more) : std::max(all, more);
    };
    take(all_.cache.bytes_present, state.cache.bytes_present);
    take(all_.cache.bytes_missing, state.cache.bytes_missing);
    take(all_.cache.bytes_reclaimable, state.cache.bytes_reclaimable);
  }

  void take_cache(CacheState& state) {
    CacheReport& cache = all_.cache;
    unite_sorted(cache.hosts, state.cache.hosts);
    cache.hf_home = state.cache.hf_home;  // the same in all
    if (cache.hub_cache.empty()) cache.hub_cache = state.cache.hub_cache;
    if (cache.xet_cache.empty()) cache.xet_cache = state.cache.xet_cache;
    cache.local_dir = state.cache.local_dir;
    for (ScannedLocation& place : state.scanned) {
      const auto same = [&place](const ScannedLocation& one) {
        return one.what == place.what && one.path == place.path;
      };
      const auto at = std::find_if(all_.scanned.begin(), all_.scanned.end(), same);
      if (at == all_.scanned.end()) {
        all_.scanned.push_back(std::move(place));
      } else {
        at->exists = at->exists || place.exists;
      }
    }
    for (Unreadable& place : state.unreadable) {
      const bool fresh = unreadable_.emplace(place.path, place.operation, place.cause).second;
      if (fresh) all_.unreadable.push_back(std::move(place));
    }
    std::move(state.sources.begin(), state.sources.end(), std::back_inserter(all_.sources));
  }

  CacheState all_;
  std::map<RepoAndPath, RepoReport> repos_;
  std::map<FindingKey, std::vector<Finding>> findings_;
  std::set<std::tuple<std::string, std::string, std::string>> unreadable_;
};

}  // namespace

CacheState join(std::vector<CacheState> states) {
  const std::string& home = states.front().cache.hf_home;
  const bool one_home = std::all_of(states.begin(), states.end(), [&home](const CacheState& state) {
    return state.cache.hf_home == home;
  });
  Joiner joiner;
  for (CacheState& state : states) {
    if (!one_home) make_absolute(state);
    joiner.take(std::move(state));
  }
  return joiner.result();
}

}  // namespace hfaudit
