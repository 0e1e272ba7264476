// Where a ledger lies.
#pragma once

#include <cstdint>
#include <string>

#include "hfaudit/layout.hpp"
#include "hfaudit/ledger.hpp"

namespace hfaudit {

// The folder of LedgerKind::own and LedgerKind::folder; empty: there is none, or it lies in the
// cache. For another user's cache root does not let the environment decide where it writes.
[[nodiscard]] std::string ledger_folder(const Layout& layout, const LedgerRequest& request,
                                        std::uint32_t cache_owner);

}  // namespace hfaudit
