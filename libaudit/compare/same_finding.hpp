// Which findings of two reports are the same one, and which of the two is worse.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compare/cache_numbers.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// Of each finding of `now` the position of the same one in `past`; else nullopt.
[[nodiscard]] std::vector<std::optional<std::size_t>> match_findings(const Report& now,
                                                                     const Report& past,
                                                                     const CacheNumbers& caches);

// same, worse or better: the change from `past` to `now`, the same finding in an earlier report.
[[nodiscard]] Change compare_findings(const Finding& now, const Finding& past);

}  // namespace hfaudit
