// How much of a cache's content the reports of it read together, and the gaps in that knowledge.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit {

// Which states of which places were divided into how many parts, in all reports: of one state, but
// for caches that changed meanwhile.
using Divided = std::set<std::tuple<std::string, unsigned, std::string>>;  // place, of, listing

// Whether the source read its whole request to the end.
[[nodiscard]] bool read_all(const Source& source);
// The part of a fixed partition that it read; else nullptr.
[[nodiscard]] const SubsetTaken* part_of(const Source& source);

[[nodiscard]] std::vector<Partition> partitions_of(std::span<const Source> sources);

// The files and bytes read, each counted once: of a fixed partition each part once. Readings that
// may overlap (of different partitions, at random, again) are compared instead: the one that read
// the most counts.
[[nodiscard]] std::optional<Verified> verified_of(std::span<const Source> sources);

// Why the verdict of the cache is unknown, one entry a cause. `has_unreadable`: its reports name
// unreadable paths.
[[nodiscard]] std::vector<Unreadable> gaps_of(const CacheReport& cache,
                                              std::span<const Source> sources, bool has_unreadable,
                                              const Divided& divided);

void add(Verified& all, const Verified& more);  // but for the subset

}  // namespace hfaudit
