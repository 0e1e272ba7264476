#include "options/parser.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <span>

#include "base/format.hpp"
#include "hfaudit/version.hpp"
#include "options/help.hpp"
#include "options/hints.hpp"
#include "options/open_values.hpp"
#include "os/output.hpp"

namespace hfaudit::cli {
namespace {

static_assert(rows_are_sound(), "a row of the table of options contradicts itself or another row");

// CLI11 writes the value of a flag to a bool that must stay where it is.
struct FlagValue {
  const Option* option;
  const CLI::Option* parsed = nullptr;
  bool value = false;  // `--quiet=false` overrules the environment
};

Value checked(const Option& option, const std::string& text) {
  auto value = parse_value(option, text);
  if (!value) throw CLI::ValidationError(std::string(main_name(option)), value.error());
  return std::move(*value);
}

CLI::callback_t store_in(Arguments& arguments, const Option& option) {
  return [&arguments, &option](const CLI::results_t& texts) {
    if (option.repeatable) {
      for (const std::string& text : texts)
        (void)checked(option, text);
      arguments.set(main_name(option), texts);
    } else {
      arguments.set(main_name(option), checked(option, texts.back()));
    }
    return true;
  };
}

void add_valued(CLI::App& app, const Option& option, Arguments& arguments) {
  CLI::Option& added = *app.add_option(std::string(option.names), store_in(arguments, option));
  if (option.required) added.required();
  if (option.separator != '\0') added.delimiter(option.separator);
  if (!option.repeatable) {
    added.take_last();
    return;
  }
  // One value a flag, as in the Hub's client: the next word is a REPO again.
  added.expected(1, -1)->allow_extra_args(is_argument(option))->take_all();
}

void add_version(CLI::App& app) {
  const Option& option = *find_option("--version");
  app.set_version_flag(std::string(option.names), formatted("hfaudit {}", version()));
}

void add_options(CLI::App& app, Arguments& arguments, std::deque<FlagValue>& flags) {
  const Command command = arguments.command();
  for (const Option& option : option_table) {
    if (!option.commands.has(command) || option.group == Group::general) continue;
    if (option.kind == Kind::flag) {
      FlagValue& flag = flags.emplace_back(FlagValue{&option});
      flag.parsed = app.add_flag(std::string(option.names), flag.value);
    } else {
      add_valued(app, option, arguments);
    }
  }
  for (const Option& option : option_table) {
    if (!option.commands.has(command) || option.excludes.empty()) continue;
    app.get_option(std::string(main_name(option)))
        ->excludes(app.get_option(std::string(option.excludes)));
  }
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  }
  return names;
}

// "scan, verify and repair"
std::string listed(std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

// `--format: invalid value "yaml" (…)` as `invalid value "yaml" for --format (…)`.
std::string in_order(std::string text) {
  constexpr std::string_view value = ": invalid value \"";
  const auto colon = text.find(value);
  const auto end = text.rfind("\" (");
  if (!text.starts_with("--") || colon == std::string::npos || end == std::string::npos ||
      text.find(' ') != colon + 1)
    return text;
  const std::string name = text.substr(0, colon);
  text.insert(end + 1, " for " + name);
  return text.substr(colon + 2);
}

// Every message of CLI11 in one line, and in the words of this program.
std::string message_of(const CLI::App& program, const CLI::ParseError& error) {
  const auto chosen = program.get_subcommands();
  const CLI::App& command = chosen.empty() ? program : *chosen.front();
  const auto left = program.remaining(true);
  if (!left.empty() && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::string name = left.front().substr(0, left.front().find('='));
    const std::string hint = hint_for_option(name);
    return "unknown option " + name +
           (hint.empty() ? did_you_mean(name, option_names(command)) : ": " + hint);
  }
  std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    // the rest speaks of how often: the last one counts
    return text.substr(0, text.find(':')) + " needs a value";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && &command != &program) {
    const std::string name = text.substr(0, text.find(' '));
    return name + " is missing: hfaudit " + command.get_name() + " " + name + "...";
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return in_order(std::move(text));
}

std::string in_shell(const std::string& word) {
  const bool plain = word.find_first_of(" *?[]'\"$&;|<>()\\") == std::string::npos;
  return plain && !word.empty() ? word : "'" + word + "'";
}

// `hfaudit acme/six scan`, `hfaudit --format json scan`; else empty.
std::string command_first(std::span<const std::string> words,
                          std::span<const std::string> commands) {
  const auto at = std::find_first_of(words.begin(), words.end(), commands.begin(), commands.end());
  if (at == words.end()) return {};
  std::string line = "hfaudit " + *at;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (word != at) line += " " + in_shell(*word);
  }
  return "the command comes first: " + line;
}

// The first error that CLI11 would miss or name badly; else empty.
std::string early_error(std::span<const std::string> words) {
  std::vector<std::string> commands;
  for (const CommandRow& row : command_table)
    commands.emplace_back(row.name);
  const std::string& first = words.front();
  const bool is_option = first.size() > 1 && first.front() == '-';
  const bool is_answered = first == "-h" || first == "--help" || first == "--version";
  if (!is_answered && std::find(commands.begin(), commands.end(), first) == commands.end()) {
    const std::string hint = is_option ? "" : did_you_mean(first, commands);
    if (auto order = command_first(words, commands); hint.empty() && !order.empty()) return order;
    if (is_option) return "no command is given before " + first;
    if (const auto other = hint_for_command(first); !other.empty())
      return "unknown command " + first + ": use " + other;
    return "unknown command " + first +
           (hint.empty() ? "; the commands are " + listed(commands) : hint);
  }
  for (const std::string& word : words) {
    if (word == "--") break;
    // CLI11 would take the next word in its place.
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      return word.substr(0, word.size() - 1) + ": the value is empty";
  }
  return {};
}

// `hfaudit help`, `help COMMAND`, `version` and `-V`, as other programs have them.
void translate_habits(std::vector<std::string>& words) {
  if (words.empty()) return;
  if (words.front() == "-V" || words.front() == "version") words = {"--version"};
  if (words.front() != "help") return;
  words.erase(words.begin());
  words.resize(std::min<std::size_t>(words.size(), 1));
  words.emplace_back("--help");
}

bool asks_for_json(std::span<const std::string> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::string_view next = i + 1 < words.size() ? std::string_view(words[i + 1]) : "";
    const std::string_view value = word == "--format"              ? next
                                   : word.starts_with("--format=") ? word.substr(9)
                                                                   : std::string_view();
    if (value == "json" || value == "ndjson") return true;
  }
  return false;
}

// `preflight … -- CMD ARG…`: the words after the two dashes belong to another program.
std::vector<std::string> take_rest(std::vector<std::string>& words) {
  if (words.empty() || words.front() != row_of(Command::preflight).name) return {};
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes == words.end()) return {};
  std::vector<std::string> rest(dashes + 1, words.end());
  words.erase(dashes, words.end());
  return rest;
}

// All commands, and the options of those that are named; the options of the others are left out.
// CLI11 works without texts of help: help.cpp prints them.
class Parser {
 public:
  explicit Parser(std::span<const std::string> words) {
    const Option& help = *find_option("--help");
    program_.set_help_flag(std::string(help.names));
    add_version(program_);
    program_.require_subcommand(1);
    for (const CommandRow& row : command_table) {
      CLI::App& app = *program_.add_subcommand(std::string(row.name));
      Arguments& arguments = arguments_.emplace_back(row.command);
      if (std::find(words.begin(), words.end(), row.name) != words.end())
        add_options(app, arguments, flags_);
      add_version(app);
    }
  }

  std::variant<Arguments, Answer> parse(const std::vector<std::string>& words) {
    try {
      // it takes them from the back
      program_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::CallForHelp&) {
      return Answer{ExitCode::ok, {}, help()};
    } catch (const CLI::CallForVersion& asked) {
      return Answer{ExitCode::ok, {}, std::string(asked.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
      return Answer{ExitCode::usage, message_of(program_, error), {}};
    }
    const std::string name = program_.get_subcommands().front()->get_name();
    Arguments& arguments =
        *std::find_if(arguments_.begin(), arguments_.end(),
                      [&name](const Arguments& one) { return row_of(one.command()).name == name; });
    for (const FlagValue& flag : flags_) {
      if (flag.option->commands.has(arguments.command()) && flag.parsed->count() > 0)
        arguments.set(main_name(*flag.option), flag.value);
    }
    if (std::string error = folder_given_twice(); !error.empty())
      return Answer{ExitCode::usage, std::move(error), {}};
    if (std::string error = fill_open_values(arguments); !error.empty())
      return Answer{ExitCode::usage, error, {}};
    return std::move(arguments);
  }

  // Of the command that was named, else of the program.
  [[nodiscard]] std::string help() const {
    const unsigned columns = os::terminal_columns(os::standard_output);
    const auto named = program_.get_subcommands();
    if (named.empty()) return help_of_program(columns);
    return help_of_command(command_named(named.front()->get_name()), columns);
  }

 private:
  // Of other options the last one counts. Of two caches one would be left out unnoticed.
  [[nodiscard]] std::string folder_given_twice() const {
    const CLI::App& command = *program_.get_subcommands().front();
    for (const std::string name : {"--hf-home", "--cache-dir", "--local-dir"}) {
      const CLI::Option* option = command.get_option_no_throw(name);
      if (option != nullptr && option->count() > 1)
        return name + " is given twice: a run has one cache";
    }
    return {};
  }

  static Command command_named(std::string_view name) {
    return std::find_if(command_table.begin(), command_table.end(),
                        [name](const CommandRow& row) { return row.name == name; })
        ->command;
  }

  CLI::App program_{"", "hfaudit"};
  std::deque<Arguments> arguments_;  // CLI11 holds references to them
  std::deque<FlagValue> flags_;
};

}  // namespace

std::variant<Arguments, Answer> parse_command_line(std::vector<std::string> words) {
  std::vector<std::string> rest = take_rest(words);
  translate_habits(words);
  const bool for_programs = asks_for_json(words);
  Parser parser(words);
  if (words.empty()) return Answer{ExitCode::usage, "no command is given", parser.help()};
  if (std::string error = early_error(words); !error.empty())
    return Answer{ExitCode::usage, std::move(error), {}, for_programs};
  auto parsed = parser.parse(words);
  if (auto* answer = std::get_if<Answer>(&parsed)) answer->for_programs = for_programs;
  if (auto* arguments = std::get_if<Arguments>(&parsed)) arguments->rest = std::move(rest);
  return parsed;
}

}  // namespace hfaudit::cli
