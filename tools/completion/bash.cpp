#include <map>

#include "base/format.hpp"
#include "completion/scripts.hpp"

namespace hfaudit::cli {
namespace {

// Word lists bypass `compgen -W`, which would expand their contents.
constexpr std::string_view bash_head =
    R"(# bash completion of hfaudit and hf-pull, as `hfaudit completion bash` prints it

_hfaudit_words() {
  local word
  for word; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("$word")
  done
}

_hfaudit_repos() {
  local name
  while IFS= read -r name; do
    [[ $name != "$cur"* ]] || COMPREPLY+=("$name")
  done < <(hfaudit completion --repos "${cache[@]}" 2>/dev/null </dev/null)
}

# The value of option $2 of command $1.
_hfaudit_value() {
  case $1:$2 in
)";

constexpr std::string_view bash_tail = R"(
_hfaudit() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=() word command= option= i=1
  local -a cache=()
  COMPREPLY=()
  [[ ${COMP_WORDS[0]##*/} != hf-pull ]] || command=pull
  # --format=json is three words here: the shell breaks at the sign.
  if [[ $cur == = ]]; then
    cur= option=${COMP_WORDS[COMP_CWORD-1]}
  elif ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then
    option=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      if [[ $command == preflight ]]; then
        if declare -F _command_offset >/dev/null; then
          _command_offset $((i + 1))
        elif ((i + 1 == COMP_CWORD)); then
          mapfile -t COMPREPLY < <(compgen -c -- "$cur")
        else
          compopt -o default
        fi
        return
      fi
    elif [[ -z $command && $word != -* && $word != = ]]; then
      command=$word
    fi
    case $word in
      --cache-dir | --hf-home)
        before=("${COMP_WORDS[@]:i+1:2}")
        [[ ${before[0]-} != = ]] || before=("${before[@]:1}")
        ((i + 1 >= COMP_CWORD)) || [[ -z ${before[0]-} ]] || cache+=("$word" "${before[0]}")
        ;;
    esac
  done
  [[ -n $option ]] || ((COMP_CWORD < 2)) || option=${COMP_WORDS[COMP_CWORD-1]}
  if [[ -z $command ]]; then
    _hfaudit_words $_hfaudit_commands --help --version
    return
  fi
  if [[ $option == -* ]] && _hfaudit_value "$command" "$option"; then
    return
  fi
  if [[ $cur == -* ]]; then
    _hfaudit_options "$command"
  else
    _hfaudit_argument "$command"
  fi
}
complete -F _hfaudit hfaudit hf-pull
)";

std::string bash_action(const Option& option) {
  switch (value_source(option)) {
    case ValueSource::nothing:
      return ":";
    case ValueSource::words:
      return "_hfaudit_words " + joined_words(words_of_value(option));
    case ValueSource::files:
      return "compopt -o default";
    case ValueSource::directories:
      return "compopt -o dirnames";
    case ValueSource::repos:
      return "_hfaudit_repos";
    case ValueSource::users:
      return "mapfile -t COMPREPLY < <(compgen -u -- \"$cur\")";
  }
  return ":";
}

}  // namespace

std::string bash_completion() {
  std::string commands, values, options, arguments;
  std::map<std::string, std::vector<std::string>> patterns;  // of each action
  for (const CommandRow& row : command_table) {
    commands += (commands.empty() ? "" : " ") + std::string(row.name);
    std::string names;
    for (const Option* option : options_taken_by(row.command)) {
      for (const std::string& name : names_of(*option)) {
        names += " " + name;
        if (option->kind != Kind::flag)
          patterns[bash_action(*option)].push_back(formatted("{}:{}", row.name, name));
      }
    }
    options += formatted("    {}) _hfaudit_words{} ;;\n", row.name, names);
    if (const Option* argument = argument_of(row.command))
      arguments += formatted("    {}) {} ;;\n", row.name, bash_action(*argument));
  }
  for (const auto& [action, names] : patterns)
    values += formatted("    {}) {} ;;\n", joined_words(names, "|"), action);
  return formatted(
      "{}{}    *) return 1 ;;\n  esac\n}}\n\n_hfaudit_options() {{\n  case $1 in\n{}  esac\n}}\n\n"
      "_hfaudit_argument() {{\n  case $1 in\n{}  esac\n}}\n\n_hfaudit_commands='{}'\n{}",
      bash_head, values, options, arguments, commands, bash_tail);
}

}  // namespace hfaudit::cli
