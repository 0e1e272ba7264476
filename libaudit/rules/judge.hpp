// One repo: all rules, then the verdicts. Pure.
#pragma once

#include <set>

#include "rules/repo_check.hpp"

namespace hfaudit {

struct Judgement {
  RepoReport report;
  std::vector<Finding> findings;
  std::vector<Content> contents;   // where context.verifying: all that can be read, each file once
  std::vector<Unreadable> unread;  // unreadable content
  std::vector<Unreadable> noted;   // also unreadable; the verdict stands without it
  std::uint64_t bytes_present = 0, bytes_missing = 0, bytes_reclaimable = 0;
};

[[nodiscard]] Judgement judge(const RepoInventory& repo, const Evidence& evidence,
                              const CheckContext& context);

}  // namespace hfaudit
