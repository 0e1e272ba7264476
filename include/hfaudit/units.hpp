// Amounts as people write them on a command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hfaudit {

// "1000", "50G", "1.5T", "64MiB", "100MB": decimal units unless they contain `i`; upper or lower
// case. nullopt: invalid, or more than 2^63.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

// "90", "90s", "10m", "1h30m", "2d", "1.5h": seconds without a unit. nullopt: invalid, or more than
// ten years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace hfaudit
