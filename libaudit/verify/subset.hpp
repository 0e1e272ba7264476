// The selection of files for a verify that reads a part. Pure: chance is passed in.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "hfaudit/verify.hpp"

namespace hfaudit {

// A file as in all parts of a job, on any machine: its path below the hub cache.
struct Unit {
  std::string path;
  std::uint64_t size = 0;
};

// The numbers of the chosen ones, largest first. A part n/t: the units are distributed by falling
// size, each to the part with the least so far, so that parts are even by bytes, and 1/t to t/t
// hold each unit exactly once. A share or an amount: at random, until it is reached; at least one.
[[nodiscard]] std::vector<std::size_t> choose(const std::vector<Unit>& units, const Subset& subset,
                                              std::mt19937_64& rng);

// The divided listing, in 16 hex digits: the same for the same paths and sizes, in any order.
[[nodiscard]] std::string listing_of(const std::vector<Unit>& units);

// The numbers of all, largest first; of equal ones by path.
[[nodiscard]] std::vector<std::size_t> by_falling_size(const std::vector<Unit>& units);

}  // namespace hfaudit
