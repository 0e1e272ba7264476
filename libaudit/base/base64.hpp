// Binary bytes in JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

[[nodiscard]] std::string base64(std::string_view bytes);  // RFC 4648, padded
// The inverse; nullopt for all texts except those of base64().
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

}  // namespace hfaudit
