// Values of options from outside the command line: HFAUDIT_* variables and config.toml.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "hfaudit/layout.hpp"
#include "options/option.hpp"

namespace hfaudit::cli {

struct Setting {
  const Option* option = nullptr;
  std::vector<std::string> texts;  // one, unless the option is repeatable
  std::string origin;              // for messages: "HFAUDIT_JOBS", "/x/config.toml:3: jobs"
};
using Settings = std::vector<Setting>;

// The variables of the options that `command` takes. A variable that is set but empty counts as
// unset, as the template of a manifest leaves it. A list has a value a line.
[[nodiscard]] Settings settings_of_environment(const Environment& environment, Command command);

// $XDG_CONFIG_HOME/hfaudit/config.toml, or ~/.config/hfaudit/config.toml; empty without a home.
[[nodiscard]] std::string config_path(const Environment& environment);

struct ConfigSettings {
  Settings of_command;  // from the section of the command
  Settings of_all;      // from the top level
};
// The settings of config.toml for `command`. The whole file is checked, so that an error shows
// whichever command runs. Errors: "/x/config.toml:3: unknown option formt (did you mean format?)".
[[nodiscard]] tl::expected<ConfigSettings, std::string> settings_of_config(const std::string& path,
                                                                           std::string_view text,
                                                                           Command command);

}  // namespace hfaudit::cli
