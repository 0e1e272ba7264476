#include "options/open_values.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "hfaudit/layout.hpp"
#include "hfaudit/render.hpp"

namespace hfaudit::cli {
namespace {

using Parsed = tl::expected<Value, std::string>;

Parsed parse_boolean(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  for (const auto* word : {"1", "true", "yes", "on"}) {
    if (text == word) return true;
  }
  for (const auto* word : {"0", "false", "no", "off"}) {
    if (text == word) return false;
  }
  return tl::unexpected(printable(text) + " is neither yes nor no");
}

// A list is separated by blanks.
Parsed parse_words(const Option& option, const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    if (auto value = parse_value(option, word); !value) return value;
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

std::string fill_open_values(Arguments& arguments) {
  const auto variable = system_environment().get;
  for (const Option& option : option_table) {
    const std::string_view name = main_name(option);
    if (!option.commands.has(arguments.command()) || arguments.has(name)) continue;
    if (option.from_environment.has(arguments.command())) {
      const auto given = variable(variable_of(option));
      if (given && !given->empty()) {
        auto value = option.kind == Kind::flag ? parse_boolean(*given)
                     : option.repeatable       ? parse_words(option, *given)
                                               : parse_value(option, *given);
        if (!value) return variable_of(option) + ": " + value.error();
        arguments.set(name, std::move(*value));
        continue;
      }
    }
    if (option.initial.empty()) continue;
    auto value = parse_value(option, std::string(option.initial));
    if (!value) return "internal error: the default of " + std::string(name) + ": " + value.error();
    arguments.set(name, std::move(*value));
  }
  return {};
}

}  // namespace hfaudit::cli
