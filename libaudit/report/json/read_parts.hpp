// The elements of a report's lists, and the members beside the lists, from JSON. Each writes in the
// order of json.cpp.
#pragma once

#include "hfaudit/report.hpp"
#include "json/node.hpp"

namespace hfaudit::report {

[[nodiscard]] RepoReport read_repo(const Fields& fields);
[[nodiscard]] Finding read_finding(const Fields& fields);
[[nodiscard]] Unreadable read_unreadable(const Fields& fields);
[[nodiscard]] ScannedLocation read_scanned(const Fields& fields);
[[nodiscard]] Source read_source(const Fields& fields);
[[nodiscard]] CacheReport read_cache(const Fields& fields);

// The members of the beginning, and of the end.
void read_start(const Fields& fields, Report& report);
void read_end(const Fields& fields, Report& report);

}  // namespace hfaudit::report
