#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "listings/listings.hpp"

namespace hfaudit {
namespace {

// Python's readline().strip().
[[nodiscard]] std::string_view take_stripped_line(std::string_view& text) {
  return trim(take_line(text));
}

}  // namespace

std::optional<LocalMetadata> parse_local_metadata(std::string_view text) {
  constexpr std::size_t longest_etag = 256;
  const auto commit = take_stripped_line(text);
  const auto etag = take_stripped_line(text);
  const auto time = take_stripped_line(text);
  if (!is_lower_hex(commit, 40) || etag.empty() || etag.size() > longest_etag ||
      etag.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  LocalMetadata metadata{std::string(commit), std::string(etag), 0};
  const auto* const end = time.data() + time.size();
  const auto [stop, problem] = std::from_chars(time.data(), end, metadata.timestamp);
  if (problem != std::errc{} || stop != end || !std::isfinite(metadata.timestamp))
    return std::nullopt;
  return metadata;
}

}  // namespace hfaudit
