#include "listings/part_name.hpp"

#include <algorithm>
#include <array>

#include "base/path.hpp"
#include "base/text.hpp"

namespace hfaudit {
namespace {

constexpr std::uint32_t alphabet = 26;
constexpr std::size_t most_part_digits = 5;

[[nodiscard]] bool all_letters(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

[[nodiscard]] std::uint32_t part_number(std::string_view text, bool letters) {
  std::uint32_t number = 0;
  for (const char c : text)
    number = letters ? number * alphabet + static_cast<std::uint32_t>(c - 'a')
                     : number * 10 + static_cast<std::uint32_t>(c - '0');
  return number;
}

// `-split-a`, `.part-b`, `.part1`, `.partaa`, `.001`: what follows the name of the whole file.
[[nodiscard]] std::string_view number_of_piece(std::string_view rest) {
  constexpr std::string_view separators = "-_.";
  constexpr std::array<std::string_view, 2> words{"part", "split"};
  const auto skip_separator = [&] {
    const bool any = !rest.empty() && separators.find(rest.front()) != std::string_view::npos;
    if (any) rest.remove_prefix(1);
    return any;
  };
  const bool separated = skip_separator();
  for (const auto word : words) {
    if (!rest.starts_with(word)) continue;
    rest.remove_prefix(word.size());
    skip_separator();
    const bool numbered = is_decimal(rest) && rest.size() <= most_part_digits;
    return numbered || (all_letters(rest) && rest.size() <= 2) ? rest : std::string_view();
  }
  return separated && is_decimal(rest) && rest.size() >= 2 && rest.size() <= 3 ? rest
                                                                               : std::string_view();
}

[[nodiscard]] std::optional<PartName> parse_piece(std::string_view path, std::string_view name) {
  constexpr std::array<std::string_view, 5> formats{".gguf", ".safetensors", ".bin", ".pth",
                                                    ".onnx"};
  for (const auto format : formats) {
    const auto at = name.rfind(format);
    if (at == std::string_view::npos || at == 0) continue;
    const auto number = number_of_piece(name.substr(at + format.size()));
    if (number.empty()) continue;
    PartName part;
    part.stem = path.substr(0, path.size() - number.size());
    part.width = number.size();
    part.letters = all_letters(number);
    part.number = part_number(number, part.letters);
    part.cut = true;
    part.from_one = !part.letters;
    part.format = format;
    return part;
  }
  return std::nullopt;
}

struct KnownSeries {
  std::string_view prefix;
  std::size_t digits;
  std::string_view suffix;
};

constexpr std::array<KnownSeries, 5> known_series{{{"consolidated.", 2, ".pth"},
                                                   {"consolidated.", 2, ".safetensors"},
                                                   {"weights.", 2, ".safetensors"},
                                                   {"weights.", 2, ".npz"},
                                                   {"model_", 5, ".weights.h5"}}};

}  // namespace

std::string PartName::sibling(std::uint32_t other) const {
  std::string text;
  if (letters) {
    for (; text.size() < width; other /= alphabet)
      text.insert(text.begin(), static_cast<char>('a' + other % alphabet));
    if (other != 0) return {};
  } else {
    text = std::to_string(other);
    if (text.size() < width) text.insert(0, width - text.size(), '0');
  }
  return stem + text + suffix;
}

std::optional<PartName> parse_part_name(std::string_view path) {
  const auto name = last_component(path);
  for (const auto& known : known_series) {
    if (name.size() != known.prefix.size() + known.digits + known.suffix.size() ||
        !name.starts_with(known.prefix) || !name.ends_with(known.suffix))
      continue;
    const auto number = name.substr(known.prefix.size(), known.digits);
    if (!is_decimal(number)) continue;
    PartName part;
    part.stem = path.substr(0, path.size() - known.suffix.size() - known.digits);
    part.suffix = known.suffix;
    part.width = known.digits;
    part.number = part_number(number, false);
    return part;
  }
  return parse_piece(path, name);
}

}  // namespace hfaudit
