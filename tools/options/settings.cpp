#include "options/settings.hpp"

#include <algorithm>
#include <optional>

#include "base/format.hpp"
#include "hfaudit/render.hpp"
#include "options/config_text.hpp"
#include "options/hints.hpp"
#include "options/table.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {
namespace {

void split(std::string_view text, std::string_view separators, std::vector<std::string>& into) {
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) into.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> values_of(const Option& option, const std::string& text) {
  if (!option.repeatable) return {text};
  std::vector<std::string> lines, values;
  split(text, option.blank_separated ? "\n\r \t" : "\n", lines);
  for (const std::string& line : lines)
    split(line, std::string(option.separator == '\0' ? 0 : 1, option.separator), values);
  return option.separator == '\0' ? lines : values;
}

bool takes(const Option& option, std::optional<Command> command) {
  return is_setting(option) && (!command || option.commands.has(*command));
}

// Why the values are invalid for this option; else empty.
std::string why_none(const Option& option, const ConfigEntry& entry) {
  if (option.kind == Kind::flag) {
    if (entry.is_list) return "it is true or false";
    const auto value = parse_boolean(entry.values.front());
    return value ? std::string() : value.error();
  }
  if (entry.is_list && !option.repeatable) return "it has one value, not a list";
  for (const std::string& text : entry.values) {
    if (const auto value = parse_value(option, text); !value) return value.error();
  }
  return {};
}

class ConfigChecker {
 public:
  explicit ConfigChecker(const std::string& path) : path_(path) {}

  // The row for the entry, or null if `command` lacks the option. `error()` is empty for a sound
  // entry.
  const Option* check(const ConfigEntry& entry, Command command) {
    std::optional<Command> section;
    if (!entry.section.empty()) {
      std::vector<std::string> names;
      for (const CommandRow& row : command_table) {
        names.emplace_back(row.name);
        if (row.name == entry.section) section = row.command;
      }
      if (!section)
        return fail(entry, "unknown command " + entry.section + did_you_mean(entry.section, names));
    }
    std::vector<std::string> keys;
    const Option* found = nullptr;
    std::string why;
    bool known = false, sound = false;
    for (const Option& option : option_table) {
      if (!takes(option, section)) continue;
      keys.emplace_back(key_of(option));
      if (key_of(option) != entry.key) continue;
      known = true;
      // A value that only other commands accept is still passed on: it is an error if it is used.
      if (option.commands.has(command)) found = &option;
      if (std::string reason = why_none(option, entry); reason.empty()) {
        sound = true;
      } else {
        why = std::move(reason);
      }
    }
    if (!known) return fail(entry, "unknown option " + entry.key + did_you_mean(entry.key, keys));
    if (!sound) return fail(entry, entry.key + ": " + why);
    return section && *section != command ? nullptr : found;
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  const Option* fail(const ConfigEntry& entry, const std::string& why) {
    if (error_.empty()) error_ = formatted("{}:{}: {}", path_, entry.line, why);
    return nullptr;
  }

  const std::string& path_;
  std::string error_;
};

}  // namespace

Settings settings_of_environment(const Environment& environment, Command command) {
  Settings settings;
  for (const Option& option : option_table) {
    if (!option.commands.has(command)) continue;
    if (!is_setting(option) && !option.from_environment.has(command)) continue;
    const std::string name = variable_of(option);
    const auto given = environment.get(name);
    if (!given || given->empty()) continue;
    auto values = values_of(option, *given);
    if (!values.empty()) settings.push_back({&option, std::move(values), name});
  }
  return settings;
}

std::string config_path(const Environment& environment) {
  constexpr std::string_view name = "/hfaudit/config.toml";
  // A relative path is to be ignored, as the XDG base directory specification says.
  const auto set = environment.get("XDG_CONFIG_HOME");
  if (set && set->starts_with('/')) return *set + std::string(name);
  auto home = environment.get("HOME");
  if (!home) home = environment.home_of("");
  if (!home || !home->starts_with('/')) return {};
  return *home + "/.config" + std::string(name);
}

tl::expected<ConfigSettings, std::string> settings_of_config(const std::string& path,
                                                             std::string_view text,
                                                             Command command) {
  auto entries = read_config(text);
  if (!entries) return tl::unexpected(path + ":" + entries.error());
  ConfigSettings settings;
  ConfigChecker checker(path);
  for (ConfigEntry& entry : *entries) {
    const Option* option = checker.check(entry, command);
    if (!checker.error().empty()) return tl::unexpected(checker.error());
    if (option == nullptr) continue;
    auto origin = formatted("{}:{}: {}", path, entry.line, entry.key);
    (entry.section.empty() ? settings.of_all : settings.of_command)
        .push_back({option, std::move(entry.values), std::move(origin)});
  }
  return settings;
}

}  // namespace hfaudit::cli
