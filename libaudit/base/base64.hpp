// Bytes that are not text, in JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

[[nodiscard]] std::string base64(std::string_view bytes);  // RFC 4648, padded
// The inverse; nullopt for texts that base64() does not write.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

}  // namespace hfaudit
