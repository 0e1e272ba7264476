#include "options/mistyped.hpp"

#include <algorithm>
#include <string_view>

#include "options/hints.hpp"
#include "options/table.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view prefix = "HFAUDIT_";
constexpr std::string_view hub_like_prefix = "HF_AUDIT_";  // as in HF_HUB_OFFLINE

// The names behind the prefix.
struct KnownVariables {
  std::vector<std::string> read;     // by some command
  std::vector<std::string> ignored;  // HFAUDIT_VERSION: it names an option, but no command reads it
};

KnownVariables known_variables() {
  KnownVariables known{{"SUBSET_OF"}, {}};
  for (const Option& option : option_table) {
    std::string name = variable_of(option).substr(prefix.size());
    // HFAUDIT_REPOS is rather meant as HFAUDIT_REPO than as `completion --repos`.
    if (option.commands == of_completion && !is_argument(option)) continue;
    const bool is_read = is_setting(option) || option.from_environment.bits != 0;
    (is_read ? known.read : known.ignored).push_back(std::move(name));
  }
  return known;
}

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  for (char& letter : capitals)
    letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  return capitals;
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The name behind HFAUDIT_ that `variable` most likely means; empty if it is right, or another
// program's.
std::string meant_by(const std::string& variable, const KnownVariables& known) {
  const std::string capitals = in_capitals(variable);
  const bool hub_like = capitals.starts_with(hub_like_prefix);
  if (!hub_like && !capitals.starts_with(prefix)) return {};
  const std::string name = capitals.substr(hub_like ? hub_like_prefix.size() : prefix.size());
  const bool exact = variable.starts_with(prefix) && variable == capitals;
  if (holds(known.ignored, name)) return {};
  if (holds(known.read, name)) return exact ? std::string() : name;
  return closest(name, known.read);
}

}  // namespace

std::vector<std::string> mistyped_variables(const Environment& environment, Command command) {
  std::vector<std::string> lines;
  if (command == Command::completion || !environment.names) return lines;
  const KnownVariables known = known_variables();
  for (const std::string& variable : environment.names()) {
    const std::string meant = meant_by(variable, known);
    if (meant.empty() || environment.get(variable).value_or("").empty()) continue;
    lines.push_back("unknown variable " + variable + " is ignored (did you mean " +
                    std::string(prefix) + meant + "?)");
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

}  // namespace hfaudit::cli
