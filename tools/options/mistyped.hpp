// HFAUDIT_* variables with a typing error in their name, which would be ignored unnoticed.
#pragma once

#include <string>
#include <vector>

#include "hfaudit/layout.hpp"
#include "options/option.hpp"

namespace hfaudit::cli {

// A line for each variable that is set and resembles the variable of an option:
// "unknown variable HFAUDIT_FORMATT is ignored (did you mean HFAUDIT_FORMAT?)". The variables of
// other programs stay without one: HFAUDIT_REPORTS is a job script's, HFAUDIT_VERSION an image's.
// Nothing for the completion of a shell.
[[nodiscard]] std::vector<std::string> mistyped_variables(const Environment& environment,
                                                          Command command);

}  // namespace hfaudit::cli
