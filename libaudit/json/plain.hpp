// A fast way through JSON as machines write it: without escapes, ASCII, whole numbers, a few
// levels. Headers and listings are nearly all so, and a scan reads thousands. All other documents
// are left to the library, whole: only the library judges.
#pragma once

#include <optional>
#include <string_view>

#include "json/events.hpp"

namespace hfaudit {

// Passes `handler` the events of read_json(), if all of `text` is plain; else nullopt, without any
// event.
[[nodiscard]] std::optional<JsonEnd> read_plain_json(std::string_view text, JsonHandler& handler);

}  // namespace hfaudit
