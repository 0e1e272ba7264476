// New findings since an earlier report of the same cache: `--since REPORT`.
//
// A finding is the same where id, repo, commit and cache are, and the file or, else, the etag or
// the path. It is worse where its severity rose, where fewer bytes are here or more are missing, or
// where its repo got a graver verdict without a new or worse error; better likewise.
//
// "gone" is a finding that this run would have raised. If this run left the file out (other REPOs,
// other patterns, a scan after a verify, a part of the content, something unreadable, a weaker
// basis, a download in progress), the earlier finding counts as unchecked. Findings outside of the
// earlier run count as new: every finding stays visible.
#pragma once

#include <optional>
#include <string>

#include "hfaudit/exit_code.hpp"
#include "hfaudit/merge.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit {

struct EarlierReport {
  std::string file;                // as it was named
  std::optional<PastReport> past;  // nullopt: the file is absent
};

// Whether a report of that cache can be compared with it, before the work is done. Of `asked` only
// the cache is used. The error names the cache of the earlier report.
[[nodiscard]] Result<void> check_comparable(const Report& asked, const EarlierReport& earlier);

// Fills in report.since. `code` is the exit code of the report: an interrupted one leaves the rest
// unchecked. Errors: as check_comparable. Pure.
[[nodiscard]] Result<void> compare_with(Report& report, EarlierReport earlier, ExitCode code);

}  // namespace hfaudit
