// The verdict on the other machine, where patterns narrow an export. Pure.
//
// An index or a sibling's number names files that the patterns leave out. There the exported part
// is judged incomplete, although each of its files arrives.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/fnmatch.hpp"
#include "cache/evidence.hpp"
#include "cache/inventory.hpp"

namespace hfaudit {

// A sentence for each of the commits that is judged worse than subset with these files alone.
[[nodiscard]] std::vector<std::string> warnings_on_arrival(const RepoInventory& repo,
                                                           const Evidence& evidence,
                                                           const std::set<std::string>& commits,
                                                           const PathFilter& filter);

}  // namespace hfaudit
