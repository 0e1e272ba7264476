// The contents of several reports of one cache, joined.
#pragma once

#include <vector>

#include "merge/cache_state.hpp"

namespace hfaudit {

// All of `states`, at least one. Of repos and revisions the worst verdict counts, with the numbers
// that belong to it. Of findings of one thing in one place those of the later report count: their
// texts may differ a little each time. Bytes are those of the cache, but for reports without a
// common repo: these add up.
[[nodiscard]] CacheState join(std::vector<CacheState> states);

}  // namespace hfaudit
