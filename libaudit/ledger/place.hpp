// Where a ledger lies.
#pragma once

#include <cstdint>
#include <string>

#include "hfaudit/layout.hpp"
#include "hfaudit/ledger.hpp"

namespace hfaudit {

// The folder of LedgerKind::own and LedgerKind::folder; empty: it is missing, or lies in the cache.
// For another user's cache root ignores the environment.
[[nodiscard]] std::string ledger_folder(const Layout& layout, const LedgerRequest& request,
                                        std::uint32_t cache_owner);

}  // namespace hfaudit
