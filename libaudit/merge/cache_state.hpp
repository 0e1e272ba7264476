// The data that the steps of a merge pass on: the state of one cache.
#pragma once

#include <string_view>
#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit {

// The operation of an Unreadable that the merge itself adds. The next merge drops it and finds it
// again.
inline constexpr std::string_view merge_operation = "merge";

// One cache in one report, or in several that were joined. All its entries are without a CacheRef.
struct CacheState {
  CacheReport cache;
  std::vector<ScannedLocation> scanned;
  std::vector<RepoReport> repos;
  std::vector<Finding> findings;
  std::vector<Unreadable> unreadable;
  std::vector<Source> sources;
};

}  // namespace hfaudit
