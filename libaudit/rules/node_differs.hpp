// Nodes that hold different content of one model. Pure.
#pragma once

#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit {

// Of a merged report of several caches, whose repos have a CacheRef.
[[nodiscard]] std::vector<Finding> check_node_differs(const std::vector<RepoReport>& repos);

}  // namespace hfaudit
