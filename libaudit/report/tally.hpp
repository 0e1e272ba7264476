// The totals of a report: the count of each kind, and the verdict of the whole.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// The repos by verdict and the findings by severity; the position is the enumerator's value.
struct Tally {
  std::array<std::size_t, 6> repos{};
  std::array<std::size_t, 3> findings{};

  [[nodiscard]] std::size_t operator[](Verdict verdict) const {
    return repos[static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::size_t operator[](Severity severity) const {
    return findings[static_cast<std::size_t>(severity)];
  }
};
[[nodiscard]] Tally tally_of(const Report& report);

// The findings of a comparison by change and severity; the positions are the enumerators' values.
struct ChangeTally {
  std::array<std::array<std::size_t, 3>, 5> findings{};

  [[nodiscard]] std::size_t operator[](Change change) const {
    const auto& counts = findings[static_cast<std::size_t>(change)];
    return counts[0] + counts[1] + counts[2];
  }
};
// Report::since is there.
[[nodiscard]] ChangeTally change_tally_of(const Report& report);

// The verdict of the whole, "clean", "damaged" or "unknown", where the exit code is `code`.
[[nodiscard]] std::string_view overall_verdict(const Tally& tally, ExitCode code);

}  // namespace hfaudit::report
