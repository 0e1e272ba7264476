// The names that a repo can have on the Hub. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace hfaudit {

// Letters, digits, "-", "_", "." and the slash between the two parts; beyond ASCII anything, for
// mirrors have names of their own. A space, a percent sign, a backslash or a control character is
// invalid in a name: such a name was quoted twice, cut from a longer text, or made to look like
// another.
[[nodiscard]] constexpr bool is_repo_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}

[[nodiscard]] constexpr bool is_repo_name(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), is_repo_name_byte);
}

// The same for a branch, a tag or a commit: git refuses control characters in the name of a ref.
[[nodiscard]] constexpr bool is_revision_name(std::string_view revision) {
  return !revision.empty() && std::all_of(revision.begin(), revision.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
  });
}

}  // namespace hfaudit
