// The lock file in an audit: a listing of basis `lock` for the commits that it names.
#pragma once

#include <string>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "hfaudit/lock.hpp"

namespace hfaudit {

// Gives the revision `commit` its listing. An absent revision is added, to be judged all the same.
// Without effect where the lock file omits the repo at that commit.
void add_locked(const LockedRepos& locked, const std::string& commit, RepoInventory& repo,
                Evidence& evidence);

}  // namespace hfaudit
