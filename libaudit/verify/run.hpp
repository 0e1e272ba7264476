// A verify that skips files that its caller has hashed just now.
#pragma once

#include <stop_token>

#include "cache/proven.hpp"
#include "hfaudit/verify.hpp"

namespace hfaudit {

// As verify(); files known to be good count as proven, and newly proven ones are added.
[[nodiscard]] Result<Report> verify_the_rest(
    const Layout& layout, const AuditRequest& request, const VerifyRequest& how,
    ProvenFiles& proven, const std::function<void(const VerifyProgress&)>& progress,
    const std::stop_token& stop);

// Records in the ledger the `proven` files of the repos that `request` names. Leaves content
// unread.
void keep_proofs(const Layout& layout, const AuditRequest& request, const LedgerRequest& ledger,
                 ProvenFiles& proven);

}  // namespace hfaudit
