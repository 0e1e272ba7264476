// The part of a repair that needs root, run by sudo or the like.
#pragma once

#include <stop_token>
#include <string>

#include "hfaudit/exit_code.hpp"
#include "hfaudit/repair.hpp"

namespace hfaudit::cli {

// If an action needs root, has `program` ("sudo") run this very program for just that. ok where all
// of it is done or root is unnecessary; else an exit code, and the reason has been printed.
[[nodiscard]] ExitCode repair_as_root(const std::string& program, const Layout& layout,
                                      const RepairRequest& request, const std::stop_token& stop);

}  // namespace hfaudit::cli
