// The decision on a revision that is here: does it pass? Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hfaudit/preflight.hpp"
#include "preflight/snapshot_state.hpp"

namespace hfaudit {

// `report` is the audit of that repo at that revision.
[[nodiscard]] Admission admit(const Report& report, const RepoRequest& repo,
                              const std::string& commit, const SnapshotState& seen,
                              const PreflightRequest& request);

}  // namespace hfaudit
