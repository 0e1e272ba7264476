// A pull of exactly these files, without the audit that pull() ends with: for a caller that audits
// by itself.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "hfaudit/pull.hpp"
#include "pull/job.hpp"

namespace hfaudit {

// As pull(), of which it is the part that writes.
[[nodiscard]] Result<PullOutcome> run_pull(const Layout& layout, const PullRequest& request,
                                           const std::vector<PullJob>& jobs,
                                           const std::function<void(const PullProgress&)>& progress,
                                           const std::stop_token& stop);

}  // namespace hfaudit
