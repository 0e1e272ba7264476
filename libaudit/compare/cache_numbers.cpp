#include "compare/cache_numbers.hpp"

#include <algorithm>
#include <optional>

#include "hfaudit/render.hpp"
#include "rules/finding_facts.hpp"

namespace hfaudit {
namespace {

struct ComparedCache {
  std::vector<std::string> hosts;
  std::string place;
};

std::vector<ComparedCache> caches_of(const Report& report) {
  if (report.sources.empty()) return {{{report.host}, place_of(report)}};
  std::vector<ComparedCache> caches;
  for (const CacheReport& cache : report.caches)
    caches.push_back({cache.hosts, cache.place()});
  return caches;
}

std::string title_of(const ComparedCache& cache) {
  const std::string host = cache.hosts.empty() ? "" : printable(cache.hosts.front());
  return printable(cache.place) + (host.empty() ? "" : " on " + host);
}

bool share_a_host(const ComparedCache& a, const ComparedCache& b) {
  return std::any_of(a.hosts.begin(), a.hosts.end(), [&b](const std::string& host) {
    return std::find(b.hosts.begin(), b.hosts.end(), host) != b.hosts.end();
  });
}

bool is_only_one(const std::vector<ComparedCache>& caches, const std::string& place) {
  return std::count_if(caches.begin(), caches.end(),
                       [&place](const ComparedCache& cache) { return cache.place == place; }) == 1;
}

std::optional<std::size_t> same_one(const std::vector<ComparedCache>& now,
                                    const std::vector<ComparedCache>& all_past,
                                    const ComparedCache& past) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i].place == past.place && share_a_host(now[i], past)) return i;
  }
  if (!is_only_one(now, past.place) || !is_only_one(all_past, past.place)) return std::nullopt;
  const auto same = [&past](const ComparedCache& cache) { return cache.place == past.place; };
  return static_cast<std::size_t>(std::find_if(now.begin(), now.end(), same) - now.begin());
}

// Entries of a report's only cache omit its name.
void add(std::map<CacheRef, std::size_t>& numbers, const ComparedCache& cache, std::size_t number,
         bool alone) {
  if (alone) numbers.emplace(CacheRef{}, number);
  for (const std::string& host : cache.hosts)
    numbers.emplace(CacheRef{host, cache.place}, number);
}

}  // namespace

std::string place_of(const Report& report) {
  std::string local_dir = local_dir_of(report);
  return local_dir.empty() ? report.hub_cache : local_dir;
}

CacheNumbers::CacheNumbers(const Report& now, const Report& past) {
  const auto here = caches_of(now), there = caches_of(past);
  shared_.assign(here.size(), false);
  for (std::size_t i = 0; i < here.size(); ++i)
    add(now_, here[i], i, here.size() == 1);
  for (std::size_t i = 0; i < there.size(); ++i) {
    const auto same = same_one(here, there, there[i]);
    if (same) shared_[*same] = true;
    if (!same) only_past.push_back(title_of(there[i]));
    add(past_, there[i], same.value_or(here.size() + i), there.size() == 1);
  }
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (!shared_[i]) only_now.push_back(title_of(here[i]));
  }
}

bool CacheNumbers::any_shared() const {
  return std::find(shared_.begin(), shared_.end(), true) != shared_.end();
}

// A merged report's unread file lies outside all caches; it has a number of its own.
std::size_t CacheNumbers::at(const Numbers& numbers, const CacheRef& cache_ref) {
  const auto found = numbers.find(cache_ref);
  return found == numbers.end() ? static_cast<std::size_t>(-1) : found->second;
}

}  // namespace hfaudit
