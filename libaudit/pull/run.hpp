// A pull of exactly these files, without the audit that pull() ends with: for a caller that audits
// by itself.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "cache/proven.hpp"
#include "hfaudit/pull.hpp"
#include "pull/job.hpp"

namespace hfaudit {

struct PullOutcome {
  std::vector<Transfer> transfers;     // parallel to the jobs
  std::vector<bool> whole;             // the same: listed, and all of it is here
  std::vector<Unreadable> unreadable;  // why not all is there, where the audit cannot see that
  ProvenFiles proven;                  // hashed on the way
};

// As pull(), of which it is the part that writes.
[[nodiscard]] Result<PullOutcome> run_pull(const Layout& layout, const PullRequest& request,
                                           const std::vector<PullJob>& jobs,
                                           const std::function<void(const PullProgress&)>& progress,
                                           const std::stop_token& stop);

}  // namespace hfaudit
