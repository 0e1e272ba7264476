// Combines reports: of parts of a cache, of many machines. A path that was unreadable in one of
// them counts as unscanned: the merged report is at most as clean as its inputs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit {

// A report that was written by `--format json` or ndjson, read back.
struct PastReport {
  Report report;
  std::optional<ExitCode> exit_code;  // nullopt: an ndjson report that breaks off before its end
};

// The text decides between the two formats and is untrusted: an error names `name` and the wrong
// key. RevisionReport::missing is omitted from reports and stays empty.
[[nodiscard]] Result<PastReport> read_report(std::string_view name, std::string_view text);

struct ReportFile {
  std::string name;  // for Report::sources
  Result<PastReport> content;
};

// The one report of command "merge", which can be merged again. The order of the files is
// irrelevant. Pure.
//
// Reports are of one cache if they agree in its location and in the host, or in the listing of
// which they read parts. Gaps in the verdict (a part that is missing, a report that was interrupted
// or is unreadable) are in Report::unreadable, with "merge" as its operation; so exit_code_for()
// counts it.
[[nodiscard]] Report merge(std::vector<ReportFile> files);

}  // namespace hfaudit
