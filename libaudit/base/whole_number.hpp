// Whole numbers in texts of others.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace hfaudit {

// All of `text` as a number; nullopt: it is something else, or too large. A minus sign only where
// Number has one.
template <class Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text, int base = 10) {
  Number number{};
  const auto* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, base);
  return problem == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace hfaudit
