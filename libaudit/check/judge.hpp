// One repo: all rules, then the verdicts. Pure.
#pragma once

#include <set>

#include "check/rules.hpp"

namespace hfaudit {

struct Judgement {
  RepoReport report;
  std::vector<Finding> findings;
  std::uint64_t bytes_present = 0, bytes_missing = 0, bytes_reclaimable = 0;
};

[[nodiscard]] Judgement judge(const RepoInventory& repo, const Evidence& evidence, const CheckContext& context);

}  // namespace hfaudit
