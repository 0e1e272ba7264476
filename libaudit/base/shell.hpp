// Names from a cache in a command line that users will paste.
#pragma once

#include <string>
#include <string_view>

namespace hfaudit {

// A letter, a digit, or one of `_.-`: the characters of a repo's name on the Hub, all of them plain
// to a shell.
[[nodiscard]] bool is_name_character(char c);

// `word` as one word of a shell; printable for any bytes ($'…' of bash where quotes are
// insufficient).
[[nodiscard]] std::string shell_quote(std::string_view word);

}  // namespace hfaudit
