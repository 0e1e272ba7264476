#include "merge/gather.hpp"

#include <algorithm>
#include <map>

#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

// A report of one cache.
CacheState state_of(std::string file, PastReport past) {
  Report& report = past.report;
  CacheState state;
  state.cache.hosts = {report.host};
  state.cache.hf_home = report.hf_home;
  state.cache.hub_cache = report.hub_cache;
  state.cache.xet_cache = report.xet_cache;
  state.cache.local_dir = local_dir_of(report);
  state.cache.bytes_present = report.bytes_present;
  state.cache.bytes_missing = report.bytes_missing;
  state.cache.bytes_reclaimable = report.bytes_reclaimable;
  state.sources = {{std::move(file), "", report.host, state.cache.place(), report.command,
                    report.started_at, past.exit_code, report.verified, std::move(report.asked)}};
  state.scanned = std::move(report.scanned);
  state.repos = std::move(report.repos);
  state.findings = std::move(report.findings);
  state.unreadable = std::move(report.unreadable);
  return state;
}

// The statements of a merged report on each of its caches. Those of an earlier merge on its sources
// are made anew.
class Parted {
 public:
  explicit Parted(std::vector<CacheReport> caches) {
    for (CacheReport& cache : caches) {
      for (const std::string& host : cache.hosts)
        at_[{host, cache.place()}] = states.size();
      CacheState& state = states.emplace_back();
      state.cache = std::move(cache);
      state.cache.partitions.clear();
    }
  }

  void take(Report report) {
    for (ScannedLocation& place : report.scanned)
      put(&CacheState::scanned, std::move(place));
    for (RepoReport& repo : report.repos)
      put(&CacheState::repos, std::move(repo));
    for (Finding& finding : report.findings)
      put(&CacheState::findings, std::move(finding));
    for (Unreadable& place : report.unreadable) {
      if (place.operation != merge_operation) put(&CacheState::unreadable, std::move(place));
    }
    for (Source& source : report.sources) {
      const CacheRef cache_ref{source.host, source.cache};
      if (source.failure.empty()) {
        states[at_.at(cache_ref)].sources.push_back(std::move(source));
      } else {
        unread.push_back(std::move(source));
      }
    }
  }

  std::vector<CacheState> states;
  std::vector<Source> unread;

 private:
  template <class Item>
  void put(std::vector<Item> CacheState::* list, Item item) {
    const CacheRef cache_ref = std::exchange(item.cache_ref, {});
    const std::size_t at = cache_ref == CacheRef{} && states.size() == 1 ? 0 : at_.at(cache_ref);
    (states[at].*list).push_back(std::move(item));
  }

  std::map<CacheRef, std::size_t> at_;
};

}  // namespace

void Span::add(const Report& report) {
  constexpr std::uint64_t century_ms = 100ULL * 366 * 24 * 3600 * 1000;  // longer than any run
  const std::int64_t started = report.started_at * 1000;
  begin = std::min(begin, started);
  end =
      std::max(end, started + static_cast<std::int64_t>(std::min(report.duration_ms, century_ms)));
}

void Gathered::add_unread(const std::string& file, const std::string& failure) {
  Source source;
  source.file = file;
  source.failure = failure;
  unread.push_back(std::move(source));
}

void Gathered::add(ReportFile file) {
  if (!file.content) {
    const Error& error = file.content.error();
    const bool is_own = error.operation == "read";  // the reader's own cause is complete
    add_unread(file.name, is_own ? error.cause : error.operation + ": " + error.cause);
    return;
  }
  PastReport& past = *file.content;
  span.add(past.report);
  if (past.report.sources.empty()) {
    states.push_back(state_of(std::move(file.name), std::move(past)));
    return;
  }
  // Where a merged report breaks off, its list of unreadable paths is lost, which its sources lack.
  if (!past.exit_code) add_unread(file.name, "it breaks off before its end");
  Parted parted(std::move(past.report.caches));
  parted.take(std::move(past.report));
  std::move(parted.states.begin(), parted.states.end(), std::back_inserter(states));
  std::move(parted.unread.begin(), parted.unread.end(), std::back_inserter(unread));
}

}  // namespace hfaudit
