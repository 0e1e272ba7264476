// The last additions to the report of a cache: scanned locations and reasons.
#pragma once

#include "hfaudit/audit.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// Gives a reason to each named repo whose verdict is unknown without one, and duplicate-repo the
// size of the copy.
void add_reasons(Report& report, const AuditRequest& request);

// The home, the hub, xet, datasets and assets, as far as the audit scans them.
void name_places(Report& report, const Layout& layout, const AuditRequest& request);

}  // namespace hfaudit
