#include <algorithm>
#include <array>
#include <string>

#include "base/path.hpp"
#include "base/text.hpp"
#include "base/whole_number.hpp"
#include "listings/listings.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t fewest_digits = 5;  // of the form that loaders write
constexpr std::size_t most_shard_digits = 9;
// so that a name cannot make a caller count to four billion
constexpr std::uint32_t most_shards = 100'000;
// Of numbers without padding. Larger ones count something else than the parts of one file.
constexpr std::uint32_t most_loose_shards = 1'000;

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::array<std::string_view, 9> formats{
    ".safetensors", ".bin", ".gguf", ".pt", ".pth", ".h5", ".msgpack", ".ckpt", ".npz"};

// ".safetensors", or with one variant before it: ".fp16.safetensors".
[[nodiscard]] bool is_shard_suffix(std::string_view suffix) {
  for (const auto format : formats) {
    if (!suffix.ends_with(format)) continue;
    const auto variant = suffix.substr(0, suffix.size() - format.size());
    return variant.empty() || (variant.size() > 1 && variant.front() == '.' &&
                               variant.find_first_of("./\\", 1) == std::string_view::npos);
  }
  return false;
}

[[nodiscard]] std::optional<std::uint32_t> parse_number(std::string_view digits) {
  return digits.size() > most_shard_digits ? std::nullopt : whole_number<std::uint32_t>(digits);
}

[[nodiscard]] std::string padded(std::uint32_t number, std::size_t digits) {
  auto text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

// A name in pieces: `model-` `00001` `-of-` `00002` `.safetensors`.
struct Pieces {
  std::string_view before, number, middle, count, after;
};

// The last "of" between two numbers, with the same separator, or without one, on both of its sides.
[[nodiscard]] std::optional<Pieces> split(std::string_view name) {
  constexpr std::string_view separators = "-_.";
  for (auto of = name.rfind("of"); of != std::string_view::npos && of > 0;
       of = name.rfind("of", of - 1)) {
    auto number_end = of, count_begin = of + 2;
    const bool separated = separators.find(name[of - 1]) != std::string_view::npos;
    if (separated) {
      if (count_begin >= name.size() || name[count_begin] != name[of - 1]) continue;
      --number_end;
      ++count_begin;
    }
    auto number_begin = number_end, count_end = count_begin;
    while (number_begin > 0 && is_digit(name[number_begin - 1]))
      --number_begin;
    while (count_end < name.size() && is_digit(name[count_end]))
      ++count_end;
    if (number_begin == number_end || count_begin == count_end) continue;
    return Pieces{name.substr(0, number_begin),
                  name.substr(number_begin, number_end - number_begin),
                  name.substr(number_end, count_begin - number_end),
                  name.substr(count_begin, count_end - count_begin), name.substr(count_end)};
  }
  return std::nullopt;
}

[[nodiscard]] std::string last_word(std::string_view text) {
  while (!text.empty() && !is_ascii_letter(text.back()))
    text.remove_suffix(1);
  auto begin = text.size();
  while (begin > 0 && is_ascii_letter(text[begin - 1]))
    --begin;
  std::string word(text.substr(begin));
  std::transform(word.begin(), word.end(), word.begin(), to_lower);
  return word;
}

// "best of", "epoch 1 of 3": numbers that count something else than parts of one file.
[[nodiscard]] bool counts_something_else(std::string_view before) {
  constexpr std::array<std::string_view, 26> words{
      "expert", "experts", "member", "variant", "ensemble",   "option", "epoch", "step", "steps",
      "fold",   "seed",    "run",    "iter",    "iteration",  "trial",  "v",     "try",  "version",
      "stage",  "phase",   "level",  "model",   "checkpoint", "ckpt",   "best",  "top"};
  const auto word = last_word(before);
  // `model-1-of-3` is a shard, `model1of3` is one of three models.
  const bool separated = !before.empty() && !is_ascii_letter(before.back());
  if (word == "model" && separated) return false;
  return std::find(words.begin(), words.end(), word) != words.end();
}

// As loaders write them: `-00001-of-00002.safetensors`.
[[nodiscard]] bool is_strict(const Pieces& pieces) {
  return pieces.middle == "-of-" && pieces.number.size() >= fewest_digits &&
         pieces.count.size() >= fewest_digits && pieces.before.size() > 1 &&
         pieces.before.back() == '-' && is_shard_suffix(pieces.after);
}

// TensorFlow's checkpoints: `variables.data-00000-of-00002`.
[[nodiscard]] bool is_tensorflow(const Pieces& pieces) {
  return pieces.middle == "-of-" && pieces.number.size() == fewest_digits &&
         pieces.before.ends_with(".data-") && pieces.after.empty();
}

// As people and their scripts write them: `model-1-of-3.safetensors`, `model_00001-of-00002.bin`,
// `T.Q8_0.gguf.part1of2`.
[[nodiscard]] bool is_loose(const Pieces& pieces) {
  const auto& before = pieces.before;
  const bool cut_file = std::any_of(formats.begin(), formats.end(), [&](std::string_view format) {
    const auto at = before.rfind(format);
    return at != std::string_view::npos && at > 0 && before.size() - at - format.size() <= 8;
  });
  const bool whole_suffix = is_shard_suffix(pieces.after);
  const bool part_suffix = cut_file && pieces.after.empty();
  if (before.size() < 2 || (!whole_suffix && !part_suffix)) return false;
  const auto separator = before.back();
  const bool separated = separator == '-' || separator == '_' || separator == '.';
  const auto word = last_word(before);
  const bool part = word == "part" || word == "p" || word == "shard" || word == "split";
  if (!separated && !part) return false;
  return !counts_something_else(before);
}

}  // namespace

std::string ShardName::sibling(std::uint32_t other) const {
  return stem + padded(other, digits) + middle + padded(count, count_digits) + suffix;
}

std::optional<ShardName> parse_shard_name(std::string_view path) {
  const auto name = last_component(path);
  const auto pieces = split(name);
  if (!pieces) return std::nullopt;
  const bool strict = is_strict(*pieces) || is_tensorflow(*pieces);
  if (!strict && !is_loose(*pieces)) return std::nullopt;
  const auto number = parse_number(pieces->number);
  const auto count = parse_number(pieces->count);
  const auto most =
      strict || pieces->number.size() >= fewest_digits ? most_shards : most_loose_shards;
  if (!number || !count || (*number == 0 && !strict) || *number > *count || *count > most ||
      (!strict && *count < 2))
    return std::nullopt;
  const auto stem = path.substr(0, path.size() - name.size() + pieces->before.size());
  return ShardName{std::string(stem),
                   std::string(pieces->middle),
                   std::string(pieces->after),
                   *number,
                   *count,
                   pieces->number.size(),
                   pieces->count.size()};
}

}  // namespace hfaudit
