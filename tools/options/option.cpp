#include "options/option.hpp"

namespace hfaudit::cli {

std::string variable_of(const Option& option) {
  std::string name = "HFAUDIT_";
  for (const char letter : key_of(option)) {
    const bool lower = letter >= 'a' && letter <= 'z';
    name += letter == '-' ? '_' : lower ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return name;
}

std::string with_default(const Option& option, std::string_view text) {
  constexpr std::string_view default_mark = "{}";
  std::string filled;
  for (std::size_t at = text.find(default_mark); at != std::string_view::npos;
       at = text.find(default_mark)) {
    filled.append(text.substr(0, at)).append(option.initial);
    text.remove_prefix(at + default_mark.size());
  }
  return filled.append(text);
}

}  // namespace hfaudit::cli
