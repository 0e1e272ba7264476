// What both the text and the JSON of a repair say.
#pragma once

#include <string>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// What root has to run for the actions that need it; empty where there are none.
[[nodiscard]] std::string rest_command(const RepairLog& log);

}  // namespace hfaudit::report
