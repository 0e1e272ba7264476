// JSON documents to write. Members keep the order in which they were added.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace hfaudit {

using Json = nlohmann::ordered_json;

// Null where `text` is empty or `number` is unknown.
[[nodiscard]] Json or_null(const std::string& text);
[[nodiscard]] Json or_null(const std::optional<std::uint64_t>& number);

// The document in one line. All beyond ASCII is escaped, so that control characters of a name stay
// away from a terminal; bytes outside UTF-8 are replaced.
[[nodiscard]] std::string text_of(const Json& value);

}  // namespace hfaudit
