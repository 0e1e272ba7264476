// What a finished audit of a cache adds to its report: where it looked, and reasons.
#pragma once

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// Gives a reason to each named repo whose verdict is unknown without one, and duplicate-repo the
// size of the copy.
void add_reasons(Report& report, const AuditRequest& request);

// The home, the hub and what lies beside it, as far as the audit looks there.
void name_places(Report& report, const Layout& layout, const AuditRequest& request);

}  // namespace hfaudit
