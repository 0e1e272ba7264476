#include "base/numbers.hpp"

#include <array>
#include <chrono>

#include "base/format.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit {

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 7> unit_names{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return formatted("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  constexpr double rounds_to_the_next = 999.995;
  for (; value >= rounds_to_the_next && unit + 1 < unit_names.size(); ++unit)
    value /= 1000;
  if (unit == 0) return formatted("{} B", bytes);
  return formatted("{:.2f} {}", value, unit_names[unit]);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string counted(std::uint64_t number, std::string_view singular) {
  return formatted("{} {}{}", grouped(number), singular, number == 1 ? "" : "s");
}

std::string human_duration(std::uint64_t milliseconds) {
  if (milliseconds < 1000) return formatted("{} ms", milliseconds);
  if (milliseconds < 60'000) return formatted("{:.1f} s", static_cast<double>(milliseconds) / 1000);
  return formatted("{} min {:02} s", milliseconds / 60'000, milliseconds / 1000 % 60);
}

std::string utc(std::int64_t seconds_since_epoch) {
  using namespace std::chrono;
  const sys_seconds time{seconds{seconds_since_epoch}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return formatted("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                   clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view utc_shape = "0000-00-00T00:00:00Z";
  if (text.size() != utc_shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (utc_shape[i] == '0' ? !digit : text[i] != utc_shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t length) {
    int value = 0;
    for (const char c : text.substr(at, length))
      value = value * 10 + (c - '0');
    return value;
  };
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto time = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
  return duration_cast<seconds>(time.time_since_epoch()).count();
}

}  // namespace hfaudit
