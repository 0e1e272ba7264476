// JSON as a sequence of events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hfaudit {

enum class JsonKind {
  null,
  boolean,  // `count` is 0 or 1
  count,    // an integer from 0 to 2^64-1, in `count`
  number,   // any other number, in `real`
  text,
  object,  // opens; its members follow, then on_close
  array    // likewise
};

struct JsonValue {
  JsonKind kind = JsonKind::null;
  std::uint64_t count = 0;
  double real = 0;
  std::string_view text;  // valid during the call only
};

// Receives every event in order. `level` is the number of open objects and arrays around it: 0 for
// the document itself, 1 for its members. Returning false ends the reading.
class JsonHandler {
 public:
  JsonHandler() = default;
  JsonHandler(const JsonHandler&) = delete;
  JsonHandler& operator=(const JsonHandler&) = delete;
  virtual ~JsonHandler() = default;

  [[nodiscard]] virtual bool on_key(std::string_view key, std::size_t level) = 0;
  [[nodiscard]] virtual bool on_value(const JsonValue& value, std::size_t level) = 0;
  // `level` as at the matching opening.
  [[nodiscard]] virtual bool on_close(std::size_t level) = 0;
};

enum class JsonEnd {
  complete,
  stopped,    // by the handler
  malformed,  // invalid for Python's json
  too_deep,   // more than 64 objects and arrays in each other
  too_long    // a string of more than 16 MiB
};

}  // namespace hfaudit
