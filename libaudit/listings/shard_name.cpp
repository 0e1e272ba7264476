#include <array>
#include <charconv>

#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/listings.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t fewest_digits = 5;
constexpr std::size_t most_shard_digits = 9;
// so that a name cannot make a caller count to four billion
constexpr std::uint32_t most_shards = 100'000;

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// ".safetensors", or with one variant before it: ".fp16.safetensors".
[[nodiscard]] bool is_shard_suffix(std::string_view suffix) {
  constexpr std::array<std::string_view, 8> formats{".safetensors", ".bin", ".gguf",    ".pt",
                                                    ".pth",         ".h5",  ".msgpack", ".ckpt"};
  for (const auto format : formats) {
    if (!suffix.ends_with(format)) continue;
    const auto variant = suffix.substr(0, suffix.size() - format.size());
    return variant.empty() || (variant.size() > 1 && variant.front() == '.' &&
                               variant.find_first_of("./\\", 1) == std::string_view::npos);
  }
  return false;
}

[[nodiscard]] std::optional<std::uint32_t> parse_number(std::string_view digits) {
  if (digits.size() < fewest_digits || digits.size() > most_shard_digits) return std::nullopt;
  std::uint32_t number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, number);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

[[nodiscard]] std::string padded(std::uint32_t number, std::size_t digits) {
  auto text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

}  // namespace

std::string ShardName::sibling(std::uint32_t other) const {
  return stem + '-' + padded(other, digits) + "-of-" + padded(count, count_digits) + suffix;
}

std::optional<ShardName> parse_shard_name(std::string_view path) {
  constexpr std::string_view of = "-of-";
  const auto name = last_component(path);
  const auto middle = name.rfind(of);
  if (middle == std::string_view::npos) return std::nullopt;

  auto end = middle + of.size();
  while (end < name.size() && is_digit(name[end]))
    ++end;
  auto begin = middle;
  while (begin > 0 && is_digit(name[begin - 1]))
    --begin;
  // A name that is nothing but numbers is not the shard of anything.
  if (begin < 2 || name[begin - 1] != '-' || !is_shard_suffix(name.substr(end)))
    return std::nullopt;

  const auto number = parse_number(name.substr(begin, middle - begin));
  const auto count = parse_number(name.substr(middle + of.size(), end - middle - of.size()));
  if (!number || !count || *number == 0 || *number > *count || *count > most_shards)
    return std::nullopt;

  const auto stem = path.substr(0, path.size() - name.size() + begin - 1);
  return ShardName{std::string(stem), std::string(name.substr(end)), *number, *count,
                   middle - begin,    end - middle - of.size()};
}

}  // namespace hfaudit
