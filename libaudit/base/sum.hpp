// Sums of sizes. A sparse file can claim 8 EiB, and a listing anything: a sum that overflows stays
// at the largest number. Pure.
#pragma once

#include <cstdint>
#include <limits>

namespace hfaudit {

[[nodiscard]] constexpr std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  return a > most - b ? most : a + b;
}

[[nodiscard]] constexpr std::uint64_t times(std::uint64_t count, std::uint64_t size) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  return count != 0 && size > most / count ? most : count * size;
}

constexpr void add_size(std::uint64_t& sum, std::uint64_t more) {
  sum = plus(sum, more);
}

}  // namespace hfaudit
