// Which repos got another verdict, came, or went.
#pragma once

#include <vector>

#include "compare/cache_numbers.hpp"
#include "compare/coverage.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

[[nodiscard]] std::vector<RepoChange> compare_repos(const Report& now, const Report& past,
                                                    const CacheNumbers& caches,
                                                    const Coverage& coverage);

// Without an earlier report: each repo is new.
[[nodiscard]] std::vector<RepoChange> all_new_repos(const Report& report);

}  // namespace hfaudit
