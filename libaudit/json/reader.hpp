// Reads JSON as events: without a document in memory, recursion or exceptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/byte_source.hpp"
#include "json/events.hpp"

namespace hfaudit {

// Reads the `length` bytes from `begin` on as one JSON document. An error is one of the source.
[[nodiscard]] Result<JsonEnd> read_json(ByteSource& source, std::uint64_t begin,
                                        std::uint64_t length, JsonHandler& handler);

// The same without the fast way for plain documents (json_plain.hpp), for the fuzzer that compares
// them.
[[nodiscard]] Result<JsonEnd> read_json_thoroughly(ByteSource& source, std::uint64_t begin,
                                                   std::uint64_t length, JsonHandler& handler);

// A phrase for messages, such as "not valid JSON".
[[nodiscard]] std::string_view describe(JsonEnd end);

// Feeds the whole of `source` to `handler`. Fails, as "parse `what`", unless it is one JSON
// document of at most
// `limit` bytes that the handler read to its end.
[[nodiscard]] inline Result<void> read_listing(ByteSource& source, std::uint64_t limit,
                                               std::string_view what, JsonHandler& handler) {
  if (source.size() > limit) return failure("parse", what, "too big");
  const auto end = read_json(source, 0, source.size(), handler);
  if (!end) return tl::unexpected<Error>(end.error());
  if (*end != JsonEnd::complete) return failure("parse", what, describe(*end));
  return {};
}

}  // namespace hfaudit
