// Numbers, durations and times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

[[nodiscard]] std::string grouped(std::uint64_t number);  // "1,994"
// "1 error", "1,994 errors".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view singular);
// "12 ms", "3.4 s", "2 min 05 s"
[[nodiscard]] std::string human_duration(std::uint64_t milliseconds);
[[nodiscard]] std::string utc(std::int64_t seconds_since_epoch);  // "2026-05-13T00:44:00Z"
// The inverse, for the years 0 to 9999.
[[nodiscard]] std::optional<std::int64_t> parse_utc(std::string_view text);

}  // namespace hfaudit
