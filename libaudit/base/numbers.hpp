// Numbers and sums as people read them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

[[nodiscard]] std::string grouped(std::uint64_t number);  // "1,994"
// "1 error", "1,994 errors".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view singular);
[[nodiscard]] std::string human_duration(std::uint64_t milliseconds);  // "12 ms", "3.4 s", "2 min 05 s"
[[nodiscard]] std::string utc(std::int64_t seconds_since_epoch);       // "2026-05-13T00:44:00Z"
// The inverse, for the years 0 to 9999.
[[nodiscard]] std::optional<std::int64_t> parse_utc(std::string_view text);

// The repos by verdict and the findings by severity; the position is the enumerator's value.
struct Tally {
  std::array<std::size_t, 6> repos{};
  std::array<std::size_t, 3> findings{};

  [[nodiscard]] std::size_t operator[](Verdict verdict) const { return repos[static_cast<std::size_t>(verdict)]; }
  [[nodiscard]] std::size_t operator[](Severity severity) const {
    return findings[static_cast<std::size_t>(severity)];
  }
};
[[nodiscard]] Tally tally_of(const Report& report);

// The verdict of the whole, "clean", "damaged" or "unknown", where the exit code is `code`.
[[nodiscard]] std::string_view overall_verdict(const Tally& tally, int code);
[[nodiscard]] bool was_interrupted(int code);

}  // namespace hfaudit::report
