// Error pages of a proxy, a captive portal or the Hub itself instead of a file, by their first
// bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

// A phrase for content that certainly is not a model's, by `head`, the beginning of a file of
// `size` bytes: an HTML page, an error body of the Hub or of a store. Content that a `.bin` may
// hold is left out.
[[nodiscard]] std::optional<std::string> sniff_error_body(std::string_view head,
                                                          std::uint64_t size);

// A short text or JSON document that reads as the refusal of a server or a proxy: for files whose
// format begins with other bytes.
[[nodiscard]] std::optional<std::string> sniff_message(std::string_view head, std::uint64_t size);

// As sniff_error_body, and also content that cannot begin a file whose format demands another
// beginning: other JSON or text, compressed data, zeros.
[[nodiscard]] std::optional<std::string> sniff_foreign(std::string_view head, std::uint64_t size);

}  // namespace hfaudit
