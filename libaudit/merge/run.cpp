// merge(): each report is taken apart by cache, the parts of one cache are joined, and gaps are
// reported.
#include "hfaudit/merge.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "base/sum.hpp"
#include "merge/cover.hpp"
#include "merge/gather.hpp"
#include "merge/join.hpp"
#include "rules/node_differs.hpp"

namespace hfaudit {
namespace {

// Oldest first; the rest makes the result independent of the order of the files.
bool is_before(const Source& a, const Source& b) {
  const auto rank = [](const Source& source) {
    const SubsetTaken* part = part_of(source);
    return std::tuple(source.started_at,
                      std::tie(source.cache, source.host, source.file, source.command),
                      part == nullptr ? 0 : part->part, source.exit_code);
  };
  return rank(a) < rank(b);
}

// A report that was given twice, by itself and in a merged one, say, went in once.
void sort_sources(std::vector<Source>& sources) {
  std::sort(sources.begin(), sources.end(), is_before);
  const auto same = [](const Source& a, const Source& b) {
    return !is_before(a, b) && !is_before(b, a);
  };
  sources.erase(std::unique(sources.begin(), sources.end(), same), sources.end());
}

void sort_states(std::vector<CacheState>& states) {
  for (CacheState& state : states)
    sort_sources(state.sources);
  std::stable_sort(states.begin(), states.end(), [](const CacheState& a, const CacheState& b) {
    return std::lexicographical_compare(a.sources.begin(), a.sources.end(), b.sources.begin(),
                                        b.sources.end(), is_before);
  });
}

// Of each state, the number of the first one that is of the same cache.
std::vector<std::size_t> groups_of(const std::vector<CacheState>& states) {
  std::vector<std::size_t> leader(states.size());
  std::iota(leader.begin(), leader.end(), 0U);
  const auto find = [&leader](std::size_t i) {
    while (leader[i] != i)
      i = leader[i] = leader[leader[i]];
    return i;
  };
  std::map<std::tuple<std::string, bool, std::string, unsigned>, std::size_t> seen;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const std::string& place = states[i].cache.place();
    const auto same = [&](bool is_host, const std::string& name, unsigned of) {
      const auto [at, fresh] = seen.try_emplace({place, is_host, name, of}, i);
      const std::size_t a = find(at->second), b = find(i);
      leader[std::max(a, b)] = std::min(a, b);
    };
    for (const std::string& host : states[i].cache.hosts)
      same(true, host, 0);
    for (const Source& source : states[i].sources) {
      if (const SubsetTaken* part = part_of(source)) same(false, part->listing, part->of);
    }
  }
  for (std::size_t i = 0; i < leader.size(); ++i)
    leader[i] = find(i);
  return leader;
}

std::vector<CacheState> join_all(std::vector<CacheState> states) {
  sort_states(states);
  const std::vector<std::size_t> leader = groups_of(states);
  std::map<std::size_t, std::vector<CacheState>> groups;
  for (std::size_t i = 0; i < states.size(); ++i)
    groups[leader[i]].push_back(std::move(states[i]));
  std::vector<CacheState> joined;
  for (auto& [first, group] : groups)
    joined.push_back(join(std::move(group)));
  std::sort(joined.begin(), joined.end(), [](const CacheState& a, const CacheState& b) {
    return std::tie(a.cache.place(), a.cache.hosts) < std::tie(b.cache.place(), b.cache.hosts);
  });
  return joined;
}

class Merger {
 public:
  explicit Merger(const std::vector<CacheState>& states) : several_(states.size() > 1) {
    for (const CacheState& state : states) {
      for (const Source& source : state.sources) {
        if (const SubsetTaken* part = part_of(source)) {
          divided_.emplace(state.cache.place(), part->of, part->listing);
        }
      }
    }
  }

  void take(CacheState state) {
    sort_sources(state.sources);
    CacheReport& cache = state.cache;
    cache.partitions = partitions_of(state.sources);
    auto gaps = gaps_of(cache, state.sources, !state.unreadable.empty(), divided_);
    std::move(gaps.begin(), gaps.end(), std::back_inserter(state.unreadable));
    if (auto verified = verified_of(state.sources)) {
      const bool first = !report_.verified;
      if (first) report_.verified.emplace();
      add(*report_.verified, *verified);
      if (!several_) report_.verified->subset = verified->subset;
    }
    report_.bytes_present = plus(report_.bytes_present, cache.bytes_present);
    report_.bytes_missing = plus(report_.bytes_missing, cache.bytes_missing);
    report_.bytes_reclaimable = plus(report_.bytes_reclaimable, cache.bytes_reclaimable);
    const CacheRef cache_ref = several_ ? CacheRef{cache.hosts.front(), cache.place()} : CacheRef{};
    put(report_.scanned, state.scanned, cache_ref);
    put(report_.repos, state.repos, cache_ref);
    // of an earlier merge: reported anew
    std::erase_if(state.findings,
                  [](const Finding& finding) { return finding.id == FindingId::node_differs; });
    put(report_.findings, state.findings, cache_ref);
    put(report_.unreadable, state.unreadable, cache_ref);
    std::move(state.sources.begin(), state.sources.end(), std::back_inserter(report_.sources));
    report_.caches.push_back(std::move(cache));
  }

  Report finish(std::vector<Source> unread, const Span& span) {
    for (Source& source : unread) {
      report_.unreadable.push_back({source.file, std::string(merge_operation), source.failure});
      report_.sources.push_back(std::move(source));
    }
    report_.command = "merge";
    if (span.begin <= span.end) {
      report_.started_at = span.begin / 1000;
      report_.duration_ms = static_cast<std::uint64_t>(span.end - span.begin);
    }
    if (report_.caches.size() == 1) {
      const CacheReport& cache = report_.caches.front();
      if (cache.hosts.size() == 1) report_.host = cache.hosts.front();
      report_.hf_home = cache.hf_home;
      report_.hub_cache = cache.hub_cache;
      report_.xet_cache = cache.xet_cache;
    }
    if (several_) {
      auto differing = check_node_differs(report_.repos);
      std::move(differing.begin(), differing.end(), std::back_inserter(report_.findings));
    }
    sort();
    return std::move(report_);
  }

 private:
  template <class Item>
  static void put(std::vector<Item>& all, std::vector<Item>& more, const CacheRef& cache_ref) {
    for (Item& item : more) {
      item.cache_ref = cache_ref;
      all.push_back(std::move(item));
    }
  }

  // As a scan has them, and then by cache.
  void sort() {
    std::stable_sort(
        report_.repos.begin(), report_.repos.end(), [](const RepoReport& a, const RepoReport& b) {
          return std::tie(a.repo, a.path, a.cache_ref) < std::tie(b.repo, b.path, b.cache_ref);
        });
    std::stable_sort(report_.findings.begin(), report_.findings.end(),
                     [](const Finding& a, const Finding& b) {
                       if (a.severity != b.severity) return a.severity > b.severity;
                       return std::tie(a.repo, a.id, a.path, a.cache_ref) <
                              std::tie(b.repo, b.id, b.path, b.cache_ref);
                     });
  }

  Report report_;
  bool several_;
  Divided divided_;
};

}  // namespace

Report merge(std::vector<ReportFile> files) {
  Gathered all;
  for (ReportFile& file : files)
    all.add(std::move(file));
  std::sort(all.unread.begin(), all.unread.end(), [](const Source& a, const Source& b) {
    return std::tie(a.file, a.failure) < std::tie(b.file, b.failure);
  });
  auto states = join_all(std::move(all.states));
  Merger merger(states);
  for (CacheState& state : states)
    merger.take(std::move(state));
  return merger.finish(std::move(all.unread), all.span);
}

}  // namespace hfaudit
