#include "base/shell.hpp"

#include <algorithm>

#include "hfaudit/render.hpp"

namespace hfaudit {

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.' || c == '-';
}

std::string shell_quote(std::string_view word) {
  const auto is_plain = [](char c) {
    return is_name_character(c) ||
           (c != '\0' && std::string_view("/:@%+=,").find(c) != std::string_view::npos);
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);

  const std::string shown = printable(word);
  const bool as_it_is = shown == word;
  std::string quoted = as_it_is ? "'" : "$'";
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (as_it_is) {
      quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    } else if (c == '\'' || c == '\\') {
      quoted.append("\\").append(1, c);
    } else if (c >= ' ' && c <= '~') {
      quoted += c;
    } else {
      // Three octal digits end by themselves; \x would swallow a digit that follows.
      const auto value = static_cast<unsigned char>(c);
      quoted += '\\';
      for (const unsigned shift : {6U, 3U, 0U})
        quoted += static_cast<char>('0' + ((value >> shift) & 7U));
    }
  }
  return quoted + "'";
}

}  // namespace hfaudit
