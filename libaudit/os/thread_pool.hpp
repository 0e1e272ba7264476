// Threads that work off a list, as many as pay off.
//
// Starts with one a core. A worker that spent most of its time waiting for the file system (a
// network mount) calls in one more, so that latency overlaps; on a local disk the number stays.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

namespace hfaudit::os {

// Calls `work(i)` once for each i in [0, count), from several threads, in rising order of start.
// Returns when all are done, or, once `interrupted` is set, when the running ones are. `jobs`:
// exactly so many threads; 0: adaptive.
void parallel_for(std::size_t count, unsigned jobs, const std::stop_token& stop,
                  const std::function<void(std::size_t)>& work);

}  // namespace hfaudit::os
