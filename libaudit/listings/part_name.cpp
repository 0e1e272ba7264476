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

constexpr std::array<std::string_view, 4> piece_words{"part", "split", "chunk", "piece"};
constexpr std::array<std::string_view, 14> piece_formats{
    ".gguf", ".safetensors", ".bin", ".pth", ".onnx", ".7z",  ".zip",
    ".tar",  ".gz",          ".tgz", ".bz2", ".xz",   ".zst", ".rar"};

// Most names of a data set are none, and this is cheaper than parsing them.
[[nodiscard]] bool may_be_piece(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const auto extension = name.substr(dot + 1), stem = name.substr(0, dot);
  if (is_decimal(extension) || extension.find_first_of("-_") != std::string_view::npos) return true;
  const auto begins = [&](std::string_view word) { return extension.starts_with(word); };
  if (std::any_of(piece_words.begin(), piece_words.end(), begins)) return true;
  const auto ends = [&](std::string_view word) { return stem.ends_with(word); };
  return extension.size() <= 3 && (std::any_of(piece_formats.begin(), piece_formats.end(), ends) ||
                                   std::any_of(piece_words.begin(), piece_words.end(), ends));
}

struct Piece {
  std::string_view number;
  bool plain = false;  // without a word before it
};

// `-split-a`, `.part-b`, `.part1`, `.partaa`, `.001`, `.aa`: what follows the name of the whole
// file.
[[nodiscard]] Piece number_of_piece(std::string_view rest) {
  constexpr std::string_view separators = "-_.";
  const auto skip_separator = [&] {
    const bool any = !rest.empty() && separators.find(rest.front()) != std::string_view::npos;
    if (any) rest.remove_prefix(1);
    return any;
  };
  const bool dotted = rest.starts_with('.');
  const bool separated = skip_separator();
  for (const auto word : piece_words) {
    if (!rest.starts_with(word)) continue;
    rest.remove_prefix(word.size());
    skip_separator();
    const bool numbered = is_decimal(rest) && rest.size() <= most_part_digits;
    const bool known = numbered || (all_letters(rest) && rest.size() <= 2);
    return {known ? rest : std::string_view(), false};
  }
  const bool usual = separated && rest.size() >= 2 && rest.size() <= 3;
  // `model.pth-100` is of a step
  const bool letters = all_letters(rest) && rest.front() <= 'c' && rest != "br" && rest != "bz";
  const bool known = usual && ((dotted && is_decimal(rest)) || letters);
  return {known ? rest : std::string_view(), true};
}

[[nodiscard]] std::optional<PartName> parse_piece(std::string_view path, std::string_view name) {
  if (!may_be_piece(name)) return std::nullopt;
  for (const auto format : piece_formats) {
    const auto at = name.rfind(format);
    if (at == std::string_view::npos || at == 0) continue;
    const auto piece = number_of_piece(name.substr(at + format.size()));
    const auto number = piece.number;
    if (number.empty()) continue;
    PartName part;
    part.stem = path.substr(0, path.size() - number.size());
    part.width = number.size();
    part.letters = all_letters(number);
    part.number = part_number(number, part.letters);
    part.cut = true;
    part.from_one = !part.letters;
    part.plain = part.letters && piece.plain;
    part.format = format;
    return part;
  }
  return std::nullopt;
}

// `m.part1.rar`; `m.r00` beside `m.rar`; `m.z01` beside `m.zip`.
[[nodiscard]] std::optional<PartName> parse_volume(std::string_view path, std::string_view name) {
  constexpr std::string_view rar = ".rar", word = ".part";
  PartName part;
  part.cut = true;
  const auto at = name.rfind(word);
  if (name.ends_with(rar) && at != std::string_view::npos && at > 0) {
    const auto number = name.substr(at + word.size(), name.size() - rar.size() - at - word.size());
    if (!is_decimal(number) || number.size() > most_part_digits) return std::nullopt;
    part.stem = path.substr(0, path.size() - rar.size() - number.size());
    part.suffix = part.format = rar;
    part.width = number.size();
    part.number = part_number(number, false);
    part.from_one = true;
    return part;
  }
  constexpr std::size_t tail = 4;  // ".r00"
  if (name.size() <= tail || name[name.size() - tail] != '.') return std::nullopt;
  const char letter = name[name.size() - tail + 1];
  const auto number = name.substr(name.size() - 2);
  if ((letter != 'r' && letter != 'z') || !is_decimal(number)) return std::nullopt;
  part.stem = path.substr(0, path.size() - 2);
  part.width = 2;
  part.number = part_number(number, false);
  part.from_one = letter == 'z';
  part.format = letter == 'z' ? ".zip" : rar;
  part.main = std::string(path.substr(0, path.size() - tail)) + part.format;
  return part;
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
  if (auto volume = parse_volume(path, name)) return volume;
  return parse_piece(path, name);
}

}  // namespace hfaudit
