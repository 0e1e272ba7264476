// Bytes that are not text, in JSON.
#pragma once

#include <string>
#include <string_view>

namespace hfaudit::report {

[[nodiscard]] std::string base64(std::string_view bytes);  // RFC 4648, padded

}  // namespace hfaudit::report
