// Which caches of two reports are the same ones. The path has to be equal, and a host too, unless
// the path is there only once in each: the host's name of a container is another one every night.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit {

class CacheNumbers {
 public:
  CacheNumbers(const Report& now, const Report& past);

  // The number of a cache, the same in both reports for the same cache.
  [[nodiscard]] std::size_t now(const CacheRef& cache_ref) const { return at(now_, cache_ref); }
  [[nodiscard]] std::size_t past(const CacheRef& cache_ref) const { return at(past_, cache_ref); }
  // Whether the number is of a cache that is in both reports.
  [[nodiscard]] bool is_shared(std::size_t number) const {
    return number < shared_.size() && shared_[number];
  }
  [[nodiscard]] bool any_shared() const;

  std::vector<std::string> only_now, only_past;  // "/data/hf/hub on node1"

 private:
  using Numbers = std::map<CacheRef, std::size_t>;
  [[nodiscard]] static std::size_t at(const Numbers& numbers, const CacheRef& cache_ref);

  Numbers now_, past_;
  std::vector<bool> shared_;  // by the number of a cache of `now`
};

// The hub cache, or the folder of --local-dir; empty where the report names neither.
[[nodiscard]] std::string place_of(const Report& report);

}  // namespace hfaudit
