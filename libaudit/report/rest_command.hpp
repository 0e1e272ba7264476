// Common to the text and the JSON of a repair.
#pragma once

#include <string>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// The command for root for the actions that need it; empty without such actions.
[[nodiscard]] std::string rest_command(const RepairLog& log);

}  // namespace hfaudit::report
