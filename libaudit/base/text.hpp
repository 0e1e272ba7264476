// Small questions about short texts that several readers share. Pure, without allocation.
#pragma once

#include <cstddef>
#include <string_view>

namespace hfaudit {

// Exactly `digits` lower-case hex digits, as clients write hashes.
[[nodiscard]] constexpr bool is_lower_hex(std::string_view text, std::size_t digits) {
  if (text.size() != digits) return false;
  for (const char c : text) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

// The characters that Python's str.strip() removes from ASCII text.
[[nodiscard]] constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Decimal digits, at least one.
[[nodiscard]] constexpr bool is_decimal(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return !text.empty();
}

[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// ASCII case-insensitive; `lower` is already lower-case.
[[nodiscard]] constexpr bool starts_with_lower(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

[[nodiscard]] constexpr bool ends_with_lower(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         starts_with_lower(text.substr(text.size() - lower.size()), lower);
}

// The text before the first line feed; `text` keeps the rest after it.
[[nodiscard]] constexpr std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return line;
}

// A path that stays below the folder it is joined to, on any system: relative, without an empty,
// "." or ".." component (whether '/' or '\' separates) and without NUL, and at most as long as a
// path may be.
[[nodiscard]] constexpr bool is_safe_relative_path(std::string_view path) {
  constexpr std::size_t longest = 4096;
  if (path.empty() || path.size() > longest || path.find('\0') != std::string_view::npos)
    return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto separator = path.find_first_of("/\\", begin);
    const auto end = separator == std::string_view::npos ? path.size() : separator;
    const auto component = path.substr(begin, end - begin);
    const bool backslash = end < path.size() && path[end] == '\\';
    // A lone '\' is a legal byte of a name here, unless it hides an escape.
    if (component == ".." || component == "." || (component.empty() && !backslash)) return false;
    begin = end + 1;
  }
  return path.front() != '\\';
}

}  // namespace hfaudit
