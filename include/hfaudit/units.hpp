// Amounts as people write them on a command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hfaudit {

// "1000", "50G", "1.5T", "64MiB", "100MB": decimal units unless they say `i`; upper or lower case.
// nullopt: no amount, or more than 2^63.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

// "90", "90s", "10m", "1h30m", "2d", "1.5h": seconds where no unit stands. nullopt: no duration, or
// more than ten years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace hfaudit
