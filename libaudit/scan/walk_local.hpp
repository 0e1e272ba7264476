// A `hf download --local-dir` folder: plain files, with the client's records in `.cache/huggingface` (0.23: in
// `.huggingface`). A folder that another tool filled (aria2, git) is judged by what its files say of themselves.
#pragma once

#include "hfaudit/audit.hpp"

namespace hfaudit {

// Audits request.local_dir. Errors: no such folder, unknown owner.
[[nodiscard]] Result<Report> audit_local_dir(const AuditRequest& request);

}  // namespace hfaudit
