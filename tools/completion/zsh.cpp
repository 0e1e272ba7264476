#include "base/format.hpp"
#include "completion/scripts.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view zsh_head = R"zsh(#compdef hfaudit hf-pull
# zsh completion of hfaudit and hf-pull, as `hfaudit completion zsh` prints it

_hfaudit_repos() {
  local -a names where
  local i
  for ((i = 1; i < $#words; ++i)); do
    case $words[i] in
      --cache-dir|--hf-home) where+=("$words[i]" "$words[i+1]") ;;
      --cache-dir=*|--hf-home=*) where+=("$words[i]") ;;
    esac
  done
  names=(${(f)"$(hfaudit completion --repos $where 2>/dev/null </dev/null)"})
  compadd -a names
}

)zsh";

constexpr std::string_view zsh_tail = R"(
_hfaudit() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  if [[ $service == hf-pull ]]; then
    _hfaudit_pull
    return
  fi
  _arguments -C \
    '(- *)'{-h,--help}'[Print the help and exit]' \
    '(- *)--version[Print the version and exit]' \
    '1:command:_hfaudit_commands' \
    '*::argument:->rest' && return
  [[ $state == rest ]] || return
  local name=_hfaudit_$line[1]
  (( $+functions[$name] )) && $name
}

if [[ $funcstack[1] == _hfaudit ]]; then
  _hfaudit "$@"
else
  compdef _hfaudit hfaudit hf-pull
fi
)";

// A text inside of a specification of _arguments.
std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == ':' || letter == '[' || letter == ']' || letter == '\\') escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

std::string zsh_action(const Option& option) {
  switch (value_source(option)) {
    case ValueSource::nothing:
      return " ";
    case ValueSource::words:
      return "(" + joined_words(words_of_value(option)) + ")";
    case ValueSource::files:
      return "_files";
    case ValueSource::directories:
      return "_files -/";
    case ValueSource::repos:
      return "_hfaudit_repos";
    case ValueSource::users:
      return "_users";
  }
  return " ";
}

std::string zsh_value(const Option& option) {
  if (option.kind == Kind::flag) return {};
  return formatted(":{}:{}", zsh_text(option.value.empty() ? "value" : option.value),
                   zsh_action(option));
}

std::string zsh_option(const Option& option, Command command) {
  const auto names = names_of(option);
  auto excluded = joined_words(names);
  if (!option.excludes.empty())
    excluded += " " + joined_words(names_of(*find_option(option.excludes)));
  std::string lines;
  for (const std::string& name : names) {
    const bool sign = option.kind != Kind::flag && name.starts_with("--");
    lines += formatted(
        " \\\n    {}",
        in_quotes(formatted("{}{}{}[{}]{}", option.repeatable ? "*" : "(" + excluded + ")", name,
                            sign ? "=" : "", zsh_text(description_of(option, command)),
                            zsh_value(option))));
  }
  return lines;
}

std::string zsh_argument(Command command) {
  const Option* argument = argument_of(command);
  std::string lines;
  if (argument != nullptr)
    lines =
        formatted(" \\\n    {}", in_quotes(formatted("{}:{}:{}", argument->repeatable ? "*" : "1",
                                                     argument->names, zsh_action(*argument))));
  return lines;
}

// `preflight REPO... -- CMD ARG...`
constexpr std::string_view zsh_other_command = R"(  local dashes=$words[(I)--]
  if (( dashes > 0 && dashes < CURRENT )); then
    shift $dashes words
    (( CURRENT -= dashes ))
    _normal
    return
  fi
)";

}  // namespace

std::string zsh_completion() {
  std::string text(zsh_head), commands;
  for (const CommandRow& row : command_table) {
    commands += formatted("    {}\n", in_quotes(formatted("{}:{}", row.name, zsh_text(row.help))));
    text += formatted("_hfaudit_{}() {{\n", row.name);
    if (row.command == Command::preflight) text += zsh_other_command;
    text += "  _arguments -s -S";
    for (const Option* option : options_taken_by(row.command))
      text += zsh_option(*option, row.command);
    text += zsh_argument(row.command) + "\n}\n\n";
  }
  return formatted(
      "{}_hfaudit_commands() {{\n  local -a commands=(\n{}  )\n  _describe command "
      "commands\n}}\n{}",
      text, commands, zsh_tail);
}

}  // namespace hfaudit::cli
