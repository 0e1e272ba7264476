// A fast way through JSON as machines write it: no escapes, ASCII, whole numbers, a few levels.
// Headers and listings are nearly all so, and a scan reads thousands. All other documents are left
// to the library, whole: this reader never judges.
#pragma once

#include <optional>
#include <string_view>

#include "json/events.hpp"

namespace hfaudit {

// Tells `handler` the same as read_json() would, if all of `text` is plain; nullopt, and the
// handler told nothing, if not.
[[nodiscard]] std::optional<JsonEnd> read_plain_json(std::string_view text, JsonHandler& handler);

}  // namespace hfaudit
