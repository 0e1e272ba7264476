#include "hfaudit/units.hpp"

#include <charconv>
#include <cmath>

namespace hfaudit {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// A plain decimal number at the beginning of `text`, which loses it.
std::optional<double> take_number(std::string_view& text) {
  const auto digits = text.find_first_not_of("0123456789.");
  const auto number = text.substr(0, digits);
  double value = 0;
  const auto [stop, problem] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (problem != std::errc{} || stop != number.data() + number.size()) return std::nullopt;
  text.remove_prefix(number.size());
  return value;
}

// How many seconds the unit at the beginning of `text` has; without a unit, seconds.
std::optional<double> take_duration_unit(std::string_view& text) {
  if (text.empty()) return 1;
  const char unit = lower(text.front());
  const bool milliseconds = text.size() >= 2 && unit == 'm' && lower(text[1]) == 's';
  text.remove_prefix(milliseconds ? 2 : 1);
  if (milliseconds) return 0.001;
  constexpr double minute = 60, hour = 3600, day = 86400;
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return minute;
    case 'h':
      return hour;
    case 'd':
      return day;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  double scale = 1;
  if (!text.empty() && lower(text.front()) != 'b') {
    constexpr std::string_view prefixes = "kmgtp";
    const auto power = prefixes.find(lower(text.front()));
    if (power == std::string_view::npos) return std::nullopt;
    text.remove_prefix(1);
    const bool binary = !text.empty() && lower(text.front()) == 'i';
    if (binary) text.remove_prefix(1);
    scale = std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1));
  }
  if (!text.empty() && lower(text.front()) == 'b') text.remove_prefix(1);
  const double bytes = *number * scale;
  constexpr double most = 9.2e18;
  if (!text.empty() || !(bytes <= most)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double seconds = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto unit = number ? take_duration_unit(text) : std::nullopt;
    if (!unit) return std::nullopt;
    seconds += *number * *unit;
  }
  constexpr double ten_years = 3.2e8;
  if (!(seconds <= ten_years)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace hfaudit
