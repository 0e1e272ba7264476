// Reports of earlier runs, that the user names.
#pragma once

#include <string>

#include "hfaudit/merge.hpp"
#include "hfaudit/result.hpp"

namespace hfaudit::cli {

// "-" is standard input. Errors: of the system with its number; 0 where the file is something else
// than a report.
[[nodiscard]] Result<PastReport> read_report_file(const std::string& name);

}  // namespace hfaudit::cli
