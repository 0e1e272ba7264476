// What to run next: for a finding, the command that mends it.
#pragma once

#include <string>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// A command line for a shell that mends the finding, and whatever else `hfaudit repair` can mend in
// the same repo: so it is the same for all of those. Empty where there is none, or where somebody
// has to decide. Names from the cache are quoted: nothing in them is ever run.
[[nodiscard]] std::string advice(const Report& report, const Finding& finding);

}  // namespace hfaudit::report
