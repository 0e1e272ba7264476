// Text for a terminal: escaped bytes, their width in columns, texts cut to a width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hfaudit {

// Strictly: overlong forms and surrogates are invalid.
[[nodiscard]] bool is_utf8(std::string_view bytes);

// The columns of `text`, which is printable(): two for East Asian wide characters, zero for
// combining ones.
[[nodiscard]] std::size_t columns_of(std::string_view text);

// The bytes of the longest beginning of `text` that takes at most `width` columns.
[[nodiscard]] std::size_t head_length(std::string_view text, std::size_t width);

// `text` in at most `width` columns: its middle gives way to "…", since names differ at their ends.
[[nodiscard]] std::string cut_middle(std::string_view text, std::size_t width);

// `text` followed by the spaces that make it `width` columns.
[[nodiscard]] std::string padded(std::string text, std::size_t width);

}  // namespace hfaudit
