// The audit of a --local-dir download, as audit() does it.
#pragma once

#include "hfaudit/audit.hpp"

namespace hfaudit {

// Audits request.local_dir. Errors: no such folder, unknown owner.
[[nodiscard]] Result<Report> audit_local_dir(const AuditRequest& request);

}  // namespace hfaudit
