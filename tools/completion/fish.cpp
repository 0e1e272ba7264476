#include "base/format.hpp"
#include "completion/scripts.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view fish_head =
    R"(# fish completion of hfaudit and hf-pull, as `hfaudit completion fish` prints it

# Whether the command line so far is of the command $argv[1]; without one, of none yet.
function __hfaudit_is
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; and continue
        test "$word" = "$argv[1]"
        return
    end
    test -z "$argv[1]"
end

function __hfaudit_repos
    set -l where
    set -l words (commandline -opc)
    for i in (seq (count $words))
        switch $words[$i]
            case --cache-dir --hf-home
                set -a where $words[$i] $words[(math $i + 1)]
            case '--cache-dir=*' '--hf-home=*'
                set -a where $words[$i]
        end
    end
    hfaudit completion --repos $where 2>/dev/null </dev/null
end

complete -c hfaudit -f
complete -c hf-pull -f
complete -c hfaudit -n __hfaudit_is -s h -l help -d 'Print the help and exit'
complete -c hfaudit -n __hfaudit_is -l version -d 'Print the version and exit'
)";

// 'text' as fish has it: only a quote and a backslash are special inside.
std::string fish_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + "'";
}

// The switches for the kind of a value.
std::string fish_value(const Option& option, bool is_required) {
  const std::string_view exclusive = is_required ? " -x" : "";
  switch (value_source(option)) {
    case ValueSource::nothing:
      return std::string(exclusive);
    case ValueSource::words:
      return formatted("{} -a {}", exclusive, fish_quotes(joined_words(words_of_value(option))));
    case ValueSource::files:
      return is_required ? " -r -F" : " -F";
    case ValueSource::directories:
      return formatted("{} -a '(__fish_complete_directories)'", exclusive);
    case ValueSource::repos:
      return formatted("{} -a '(__hfaudit_repos)'", exclusive);
    case ValueSource::users:
      return formatted("{} -a '(__fish_complete_users)'", exclusive);
  }
  return {};
}

// `start`: "complete -c hfaudit -n '__hfaudit_is scan'".
std::string fish_lines(std::string_view start, Command command) {
  std::string text;
  for (const Option* option : options_taken_by(command)) {
    text += start;
    for (const std::string& name : names_of(*option))
      text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (option->kind != Kind::flag) text += fish_value(*option, true);
    text += " -d " + fish_quotes(description_of(*option, command)) + "\n";
  }
  if (const Option* argument = argument_of(command))
    text += std::string(start) + fish_value(*argument, false) + "\n";
  return text;
}

}  // namespace

std::string fish_completion() {
  std::string text(fish_head);
  for (const CommandRow& row : command_table)
    text += formatted("complete -c hfaudit -n __hfaudit_is -a {} -d {}\n", row.name,
                      fish_quotes(row.help));
  for (const CommandRow& row : command_table)
    text += "\n" + fish_lines(formatted("complete -c hfaudit -n '__hfaudit_is {}'", row.name),
                              row.command);
  return text + "\n" + fish_lines("complete -c hf-pull", Command::pull);
}

}  // namespace hfaudit::cli
