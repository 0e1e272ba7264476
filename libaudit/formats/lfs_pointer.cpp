// version https://git-lfs.github.com/spec/v1
// oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
// size 12345

#include "base/text.hpp"
#include "base/whole_number.hpp"
#include "formats/examine.hpp"

namespace hfaudit {
namespace {

[[nodiscard]] std::string_view take_pointer_line(std::string_view& text) {
  auto line = take_line(text);
  if (line.ends_with('\r')) line.remove_suffix(1);  // checked out with autocrlf
  return line;
}

[[nodiscard]] std::optional<std::string> parse_oid(std::string_view value) {
  constexpr std::string_view method = "sha256:";
  if (!value.starts_with(method)) return std::nullopt;
  std::string digits(value.substr(method.size()));
  for (char& c : digits)
    c = to_lower(c);
  return is_lower_hex(digits, 64) ? std::optional(std::move(digits)) : std::nullopt;
}

}  // namespace

std::optional<LfsPointer> parse_lfs_pointer(std::string_view text) {
  constexpr std::size_t longest = 1024;
  if (text.size() > longest) return std::nullopt;
  const auto version = take_pointer_line(text);
  if (version != "version https://git-lfs.github.com/spec/v1" &&
      version != "version https://hawser.github.com/spec/v1") {
    return std::nullopt;
  }
  std::optional<std::string> oid;
  std::optional<std::uint64_t> size;
  while (!text.empty()) {
    const auto line = take_pointer_line(text);
    const auto space = line.find(' ');
    const auto value =
        space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
    if (line.substr(0, space) == "oid") oid = parse_oid(value);
    if (line.substr(0, space) == "size") size = whole_number<std::uint64_t>(value);
  }
  if (!oid || !size) return std::nullopt;
  return LfsPointer{std::move(*oid), *size};
}

}  // namespace hfaudit
