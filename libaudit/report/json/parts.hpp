// Common parts of the renderers of JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hfaudit/render.hpp"
#include "hfaudit/report.hpp"
#include "json/writer.hpp"
#include "report/advice.hpp"

namespace hfaudit::report {

// `path` may be any bytes: where JSON cannot hold them, `path_b64` gives them exactly.
void put_path(Json& object, const std::string& path);
[[nodiscard]] Json totals_json(const FileTotals& totals);
[[nodiscard]] Json verified_json(const Verified& verified);
[[nodiscard]] Json asked_json(const ReportScope& asked);
[[nodiscard]] Json cache_json(const Report& report);
[[nodiscard]] Json scanned_json(const Report& report);
[[nodiscard]] Json unreadable_json(const std::vector<Unreadable>& unreadable);
// Only where there is any: most reports have neither `noted` nor `not_found`.
void put_noted(Json& object, const Report& report);

void put_repo(Json& object, const RepoReport& repo, const Report& report);
// `number`: the position in the report.
void put_finding(Json& object, const Report& report, std::size_t number, const Adviser& adviser);

// Of an element of a list: its cache, where several caches are reported on.
void put_cache_ref(Json& object, const CacheRef& cache_ref);
// Only in a merged report: `sources` and `caches`.
void put_merged(Json& object, const Report& report);
void put_transfer(Json& object, const Transfer& transfer);
void put_action(Json& object, const PlannedAction& action);
void put_result(Json& object, const PlannedAction& action, const ActionResult& result);
[[nodiscard]] Json repair_json(const RepairLog& log);

// Of a report that was compared with an earlier one: the members of `since` beside its lists; the
// change of a finding, by its position.
[[nodiscard]] Json since_head_json(const Report& report);
void put_change(Json& object, const Report& report, std::size_t finding);
// The member `since`, with one element a line; and its own lines of ndjson.
void write_since(const Report& report, const Sink& out);
void write_since_lines(const Report& report, const Sink& out);

}  // namespace hfaudit::report
