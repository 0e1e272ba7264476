// What the readers of JSON listings have in common: a size limit and how they fail.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/events.hpp"

namespace hfaudit {

// Feeds the whole of `source` to `handler`. Fails, as "parse `what`", unless it is one JSON document of at most
// `limit` bytes that the handler read to its end.
[[nodiscard]] inline Result<void> read_listing(ByteSource& source, std::uint64_t limit, std::string_view what,
                                               JsonHandler& handler) {
  if (source.size() > limit) return failure("parse", what, "too big");
  const auto end = read_json(source, 0, source.size(), handler);
  if (!end) return tl::unexpected<Error>(end.error());
  if (*end != JsonEnd::complete) return failure("parse", what, describe(*end));
  return {};
}

}  // namespace hfaudit
