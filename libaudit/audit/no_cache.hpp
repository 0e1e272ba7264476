// Audits of a place where nothing can be walked: it may not be opened, it lies behind a link that
// leads nowhere, or nothing was downloaded into it yet.
#pragma once

#include <memory>

#include "audit/run.hpp"

namespace hfaudit {

// `error`: why the place cannot be opened.
[[nodiscard]] std::unique_ptr<AuditRun> make_unreadable_audit(const Layout& layout,
                                                              const AuditRequest& request,
                                                              const Error& error);

// unreachable-repo, where a link on the way to the place leads nowhere; else null.
[[nodiscard]] std::unique_ptr<AuditRun> make_unreachable_audit(const Layout& layout,
                                                               const AuditRequest& request);

// There is no hub cache. What lies around it has findings all the same: tokens, repos that lie in
// the home itself. Errors: nothing was downloaded yet, and there is nothing to report.
[[nodiscard]] Result<std::unique_ptr<AuditRun>> begin_audit_without_hub(
    const Layout& layout, const AuditRequest& request);

}  // namespace hfaudit
