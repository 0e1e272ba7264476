#include <algorithm>

#include "completion/scripts.hpp"
#include "hfaudit/finding.hpp"

namespace hfaudit::cli {

ValueSource value_source(const Option& option) {
  switch (option.kind) {
    case Kind::file:
      return ValueSource::files;
    case Kind::directory:
      return ValueSource::directories;
    case Kind::repo:
      return ValueSource::repos;
    case Kind::user:
      return ValueSource::users;
    case Kind::finding:
      return ValueSource::words;
    case Kind::text:  // a location that may also be a URL, as of --from
      if (option.location) return ValueSource::directories;
      [[fallthrough]];
    default:
      return option.choices.empty() ? ValueSource::nothing : ValueSource::words;
  }
}

std::vector<std::string> words_of_value(const Option& option) {
  std::vector<std::string> words;
  if (option.kind == Kind::finding) {
    for (const FindingInfo& info : catalogue())
      words.emplace_back(info.name);
    return words;
  }
  for (std::string_view left = option.choices; !left.empty();) {
    const std::string_view word = left.substr(0, left.find('|'));
    words.emplace_back(word);
    left.remove_prefix(std::min(word.size() + 1, left.size()));
  }
  return words;
}

std::vector<std::string> names_of(const Option& option) {
  std::vector<std::string> names;
  for (std::string_view left = option.names; !left.empty();) {
    const std::string_view name = left.substr(0, left.find(','));
    names.emplace_back(name);
    left.remove_prefix(std::min(name.size() + 1, left.size()));
  }
  return names;
}

std::vector<const Option*> options_taken_by(Command command) {
  std::vector<const Option*> options;
  for (const Option& option : option_table) {
    if (option.commands.has(command) && !is_argument(option)) options.push_back(&option);
  }
  return options;
}

const Option* argument_of(Command command) {
  const auto* const found =
      std::find_if(option_table.begin(), option_table.end(), [command](const Option& option) {
        return option.commands.has(command) && is_argument(option);
      });
  return found == option_table.end() ? nullptr : found;
}

std::string joined_words(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words)
    text.append(text.empty() ? std::string_view() : separator).append(word);
  return text;
}

std::string description_of(const Option& option, Command command) {
  return with_default(option, help_of(option, command));
}

std::string in_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text)
    letter == '\'' ? void(quoted += "'\\''") : void(quoted += letter);
  return quoted + "'";
}

}  // namespace hfaudit::cli
