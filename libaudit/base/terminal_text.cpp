#include "base/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "hfaudit/render.hpp"

namespace hfaudit {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 1;  // bytes
  bool valid = false;
};

// The character at the beginning of `text`, which has at least one byte. Overlong forms and
// surrogates are invalid UTF-8.
Character first_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};

  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> least_codes{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least_codes[length] || code > 0x10FFFF || surrogate) return {};
  return {code, length, true};
}

struct Range {
  std::uint32_t first, last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, std::uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](Range r) { return code >= r.first && code <= r.last; });
}

// Controls, and characters that turn, hide or break the text around them: they would let a name
// pass for another.
bool is_hostile(std::uint32_t code) {
  constexpr std::array hostile_ranges{
      Range{0x00, 0x1F},     Range{0x7F, 0x9F},      Range{0xAD, 0xAD},     Range{0x061C, 0x061C},
      Range{0x200B, 0x200F}, Range{0x2028, 0x202E},  Range{0x2060, 0x2069}, Range{0xFEFF, 0xFEFF},
      Range{0xFFF9, 0xFFFB}, Range{0xE0000, 0xE007F}};
  return is_in(hostile_ranges, code);
}

std::size_t width_of(std::uint32_t code) {
  constexpr std::array combining_ranges{Range{0x0300, 0x036F}, Range{0x20D0, 0x20FF},
                                        Range{0xFE00, 0xFE0F}};
  constexpr std::array wide_ranges{
      Range{0x1100, 0x115F},   Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
      Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
      Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
      Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
  if (code < 0x0300) return 1;
  return is_in(combining_ranges, code) ? 0 : is_in(wide_ranges, code) ? 2 : 1;
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view hex_digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    out += "\\x";
    out += hex_digits[value >> 4U];
    out += hex_digits[value & 0xFU];
  }
}

}  // namespace

std::size_t head_length(std::string_view text, std::size_t width) {
  std::size_t length = 0;
  while (length < text.size()) {
    const Character next = first_character(text.substr(length));
    const std::size_t takes = width_of(next.code);
    if (takes > width) break;
    width -= takes;
    length += next.length;
  }
  return length;
}

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Character next = first_character(bytes);
    const std::string_view raw = bytes.substr(0, next.length);
    if (raw == "\n") {
      out += "\\n";
    } else if (!next.valid || is_hostile(next.code)) {
      append_escaped(out, raw);
    } else {
      out += raw;
    }
    bytes.remove_prefix(next.length);
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Character next = first_character(bytes);
    if (!next.valid) return false;
    bytes.remove_prefix(next.length);
  }
  return true;
}

std::size_t columns_of(std::string_view text) {
  std::size_t total = 0;
  while (!text.empty()) {
    const Character next = first_character(text);
    total += width_of(next.code);
    text.remove_prefix(next.length);
  }
  return total;
}

std::string cut_middle(std::string_view text, std::size_t width) {
  const std::size_t whole = columns_of(text);
  if (whole <= width) return std::string(text);
  if (width < 3) return std::string(text.substr(0, head_length(text, width)));

  const std::size_t head_width = (width - 1) / 2;
  const std::size_t tail_width = width - 1 - head_width;
  std::string cut{text.substr(0, head_length(text, head_width))};
  cut += "…";
  // The tail starts where the rest of it fits.
  std::size_t left = whole;
  while (left > tail_width) {
    const Character next = first_character(text);
    left -= width_of(next.code);
    text.remove_prefix(next.length);
  }
  return cut.append(text);
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t taken = columns_of(text);
  if (taken < width) text.append(width - taken, ' ');
  return text;
}

}  // namespace hfaudit
