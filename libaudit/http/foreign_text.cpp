#include "http/foreign_text.hpp"

#include <algorithm>

namespace hfaudit {

std::string without_user_info(std::string_view text) {
  const auto first_at = text.find('@');
  if (first_at == std::string_view::npos) return std::string(text);
  constexpr std::string_view slashes = "://";
  const auto scheme = text.find(slashes);
  auto begin = scheme == std::string_view::npos ? text.size() : scheme + slashes.size();
  if (begin > first_at) {
    const auto before = text.substr(0, first_at);
    const auto quote = before.find_first_of("'\"");
    const auto blank = before.find_last_of(" \t");
    begin = quote != std::string_view::npos   ? quote + 1
            : blank != std::string_view::npos ? blank + 1
                                              : 0;
  }
  return std::string(text.substr(0, begin)).append(text.substr(text.rfind('@') + 1));
}

std::string without_secrets(std::string text, std::initializer_list<std::string_view> secrets) {
  constexpr std::string_view mask = "***";
  for (const auto secret : secrets) {
    if (secret.empty()) continue;
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + mask.size()))
      text.replace(at, secret.size(), mask);
  }
  return text;
}

}  // namespace hfaudit
