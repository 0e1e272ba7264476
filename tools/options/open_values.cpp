#include "options/open_values.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "hfaudit/layout.hpp"
#include "options/foreign_cache.hpp"
#include "options/mistyped.hpp"
#include "options/settings.hpp"
#include "os/trusted_file.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::uint64_t most_config_bytes = 1U << 20U;

tl::expected<Value, std::string> value_of_setting(const Setting& setting) {
  const Option& option = *setting.option;
  if (option.kind == Kind::flag) return parse_boolean(setting.texts.front());
  if (!option.repeatable) return parse_value(option, setting.texts.front());
  for (const std::string& text : setting.texts) {
    if (auto value = parse_value(option, text); !value) return value;
  }
  return setting.texts;
}

// The option of that name in another command has these choices: `format = "ndjson"` is for the
// commands that report, and leaves the format of a lock file open.
bool is_choice_elsewhere(const Setting& setting) {
  if (setting.option->kind != Kind::choice) return false;
  return std::any_of(option_table.begin(), option_table.end(), [&setting](const Option& other) {
    return main_name(other) == main_name(*setting.option) &&
           parse_value(other, setting.texts.front()).has_value();
  });
}

// Takes values from one source after the other, the strongest first.
class OpenValues {
 public:
  explicit OpenValues(Arguments& arguments) : arguments_(arguments), typed_(arguments) {}

  // The error, or empty.
  std::string take(const Settings& settings) {
    const Arguments stronger = arguments_;
    for (const Setting& setting : settings) {
      const Option& option = *setting.option;
      const std::string_view name = main_name(option);
      if (stronger.has(name)) continue;
      auto value = value_of_setting(setting);
      if (!value && is_choice_elsewhere(setting)) continue;
      if (!value) return setting.origin + ": " + value.error();
      const bool off = option.kind == Kind::flag && !std::get<bool>(*value);
      if (!off && !option.excludes.empty()) {
        if (stronger.is_on(option.excludes)) continue;
        if (arguments_.is_on(option.excludes))
          return formatted("{}: {} excludes {}", setting.origin, name, option.excludes);
      }
      if (decides_location(option)) locations_.push_back(&setting);
      arguments_.set(name, std::move(*value));
    }
    return {};
  }

  // The owner of the cache may depend on the values themselves. The error, or empty.
  [[nodiscard]] std::string check_locations() const {
    if (locations_.empty()) return {};
    if (!is_root_in_foreign_cache(typed_) && !is_root_in_foreign_cache(arguments_)) return {};
    const Setting& first = *locations_.front();
    return formatted("{}: as root in another user's cache, only the command line may set {}",
                     first.origin, main_name(*first.option));
  }

 private:
  Arguments& arguments_;
  const Arguments typed_;  // the command line alone
  std::vector<const Setting*> locations_;
};

std::string take_defaults(Arguments& arguments) {
  for (const Option& option : option_table) {
    const std::string_view name = main_name(option);
    if (!option.commands.has(arguments.command()) || arguments.has(name) || option.initial.empty())
      continue;
    auto value = parse_value(option, std::string(option.initial));
    if (!value) return "internal error: the default of " + std::string(name) + ": " + value.error();
    arguments.set(name, std::move(*value));
  }
  return {};
}

bool has_settings(Command command) {
  return std::any_of(option_table.begin(), option_table.end(), [command](const Option& option) {
    return is_setting(option) && option.commands.has(command);
  });
}

// The settings of config.toml. A file that another user may have written is ignored.
tl::expected<ConfigSettings, std::string> read_settings(const Environment& environment,
                                                        Arguments& arguments) {
  const std::string path = config_path(environment);
  if (path.empty()) return ConfigSettings{};
  const auto text = os::read_trusted_file(path, most_config_bytes);
  if (text && *text) return settings_of_config(path, **text, arguments.command());
  if (!text) arguments.notes.push_back(formatted("{} is ignored: {}", path, text.error().cause));
  return ConfigSettings{};
}

}  // namespace

std::string fill_open_values(Arguments& arguments) {
  if (!has_settings(arguments.command())) return take_defaults(arguments);
  const Environment environment = system_environment();
  for (std::string& line : mistyped_variables(environment, arguments.command()))
    arguments.notes.push_back(std::move(line));
  const auto variables = settings_of_environment(environment, arguments.command());
  const auto config = read_settings(environment, arguments);
  if (!config) return config.error();
  OpenValues open(arguments);
  for (const Settings* source : {&variables, &config->of_command, &config->of_all}) {
    if (std::string error = open.take(*source); !error.empty()) return error;
  }
  if (std::string error = open.check_locations(); !error.empty()) return error;
  return take_defaults(arguments);
}

}  // namespace hfaudit::cli
