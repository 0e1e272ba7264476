// Numbers that parts of the engine share.
#pragma once

#include <cstdint>

#include "download/range_stream.hpp"

namespace hfaudit::engine {

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t window = 96 * mib;       // bytes in memory ahead of their turn
constexpr std::uint64_t most_queued = 24 * mib;  // bytes that wait for the disk, before the network has to

[[nodiscard]] inline double seconds(TransferClock::duration time) {
  return std::chrono::duration<double>(time).count();
}

[[nodiscard]] inline TransferClock::duration duration(double seconds) {
  return std::chrono::duration_cast<TransferClock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace hfaudit::engine
