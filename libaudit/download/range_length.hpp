// How long the next requested range is. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hfaudit {

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t most_ahead = 96 * mib;  // bytes in memory before their turn, of all files
// bytes that wait for the disk before the network has to pause
constexpr std::uint64_t most_queued = 24 * mib;
// Of one file: bytes that arrived before their turn and lie in memory alone, before some are kept
// on disk; bytes that are on their way there; and all bytes that are yet to reach the disk, before
// ranges behind the head have to pause. A SIGKILL costs those, and the data in the sockets:
// together less than 64 MiB.
constexpr std::uint64_t most_unsaved = 12 * mib, most_keeping = 8 * mib, most_at_risk = 36 * mib;

// Whether the disk is too far behind for more bytes of a range. The head is independent of the
// bytes behind it: its own bytes are those that let them reach the disk.
[[nodiscard]] constexpr bool disk_is_behind(bool is_head, std::uint64_t queued,
                                            std::uint64_t at_risk) {
  return is_head ? queued > most_queued : at_risk > most_at_risk;
}

// Of a range that arrives before its turn: all connections together fill half of the memory for
// such bytes.
[[nodiscard]] constexpr std::uint64_t ahead_length(std::size_t connections) {
  constexpr std::uint64_t least = mib, most = 8 * mib;
  return std::clamp(most_ahead / (2 * std::max<std::size_t>(connections, 1)), least, most);
}

// Of the next range of a file that has one connection: it works without memory, so fewer and fewer
// requests suffice. `previous`: 0 for the first.
[[nodiscard]] constexpr std::uint64_t solo_length(std::uint64_t previous) {
  constexpr std::uint64_t first = 16 * mib, most = 512 * mib;
  return previous == 0 ? first : std::min(2 * previous, most);
}

// Where the running range [at, end) of a single connection is cut, so that a second connection has
// work. `end`: it stays whole.
[[nodiscard]] constexpr std::uint64_t cut_for_second(std::uint64_t at, std::uint64_t end,
                                                     std::uint64_t length) {
  return end - at > 2 * length ? at + length : end;
}

}  // namespace hfaudit
