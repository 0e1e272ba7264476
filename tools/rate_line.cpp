#include "rate_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "hfaudit/render.hpp"

namespace hfaudit::cli {

std::string rate_text(double bytes_per_second) {
  constexpr std::array<std::string_view, 4> kUnits{"kB", "MB", "GB", "TB"};
  constexpr double kThousand = 1000, kRoundsToTheNext = 999.95, kLeastSeen = 0.05;
  double value = bytes_per_second / kThousand;
  if (!(value >= kLeastSeen)) return "0.0 MB/s";
  std::size_t unit = 0;
  for (; value >= kRoundsToTheNext && unit + 1 < kUnits.size(); ++unit)
    value /= kThousand;
  return fmt::format("{:.1f} {}/s", value, kUnits[unit]);
}

std::string share_text(std::uint64_t bytes, std::uint64_t total) {
  constexpr std::uint64_t kAll = 1000, kTenth = 10;
  if (bytes >= total) return "100.0%";
  const bool huge = total > std::numeric_limits<std::uint64_t>::max() / kAll;
  const auto permille = huge ? std::min(bytes / (total / kAll), kAll - 1) : bytes * kAll / total;
  return fmt::format("{}.{}%", permille / kTenth, permille % kTenth);
}

std::string rate_line(std::string_view repo, std::uint64_t bytes, std::optional<std::uint64_t> total,
                      double bytes_per_second) {
  const auto head = fmt::format("  [{}] ", printable(repo));
  const auto rate = rate_text(bytes_per_second);
  if (!total) return fmt::format("{}{}  {}", head, human_bytes(bytes), rate);
  return fmt::format("{}{}  {} / {}  {}", head, share_text(bytes, *total), human_bytes(bytes), human_bytes(*total),
                     rate);
}

}  // namespace hfaudit::cli
