// Texts that come from outside (libcurl's messages, headers of a server) and may hold secrets: they
// quote the URL of a proxy with its password, or repeat a token. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace hfaudit {

// `text` without the user and password of the URLs in it. A password may hold any character, also
// those that end a host, so all between the first "://" and the last "@" is cut; in a text without
// a scheme, all between the quote or the space before the first "@" and the last one.
[[nodiscard]] std::string without_user_info(std::string_view text);

// `text` with "***" in place of each of these secrets. Empty ones are ignored.
[[nodiscard]] std::string without_secrets(std::string text,
                                          std::initializer_list<std::string_view> secrets);

}  // namespace hfaudit
