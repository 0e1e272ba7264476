// fmt::format, with its templates compiled once: compiled in each file they took as long as the
// rest of the file.
#pragma once

#include <fmt/core.h>

#include <string>

namespace hfaudit {

// Throws fmt::format_error where the values mismatch the text, which formatted() rules out when it
// is compiled.
[[nodiscard]] std::string format_values(fmt::string_view text, fmt::format_args values);

// `text` with its {} filled in, as fmt::format has it: strings and numbers.
template <typename... Values>
[[nodiscard]] std::string formatted(fmt::format_string<Values...> text, Values&&... values) {
  return format_values(text, fmt::make_format_args(values...));
}

}  // namespace hfaudit
