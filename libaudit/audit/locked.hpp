// The lock file in an audit: a listing of basis `lock` for the commits that it names.
#pragma once

#include <string>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "hfaudit/lock.hpp"

namespace hfaudit {

// Gives the revision `commit` its listing. One that is not here is added: to be judged all the
// same. Nothing happens where the lock file does not name the repo at that commit.
void add_locked(const LockedRepos& locked, const std::string& commit, RepoInventory& repo,
                Evidence& evidence);

}  // namespace hfaudit
