// Parses the command line, runs the command, returns its exit code.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/format.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/version.hpp"
#include "hints.hpp"
#include "os/carried.hpp"
#include "os/output.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

constexpr std::string_view kExitCodes =
    "Exit codes: 0 all is well, 1 damage, 2 usage, 3 could not look at everything,\n"
    "4 refused by the Hub, 130 and 143 interrupted. More in hfaudit(1), hfaudit-findings(7).";

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  }
  return names;
}

// Every message of the parser in one line, and in the words of this program.
std::string message_of(const CLI::App& program, const CLI::ParseError& error) {
  const auto chosen = program.get_subcommands();
  const CLI::App& command = chosen.empty() ? program : *chosen.front();
  const auto left = program.remaining(true);
  if (!left.empty() && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::string name = left.front().substr(0, left.front().find('='));
    return "unknown option " + name + did_you_mean(name, option_names(command));
  }
  std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return text.substr(0, text.find(':')) + " needs a value";  // the rest may be given often: the last one counts
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// The first mistake that the parser would not see, or not name well; empty for none.
std::string early_mistake(const CLI::App& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> commands;
  for (const CLI::App* command : program.get_subcommands({}))
    commands.push_back(command->get_name());
  const std::string& first = arguments.front();
  const bool is_option = first.size() > 1 && first.front() == '-';
  if (!is_option && std::find(commands.begin(), commands.end(), first) == commands.end()) {
    return "unknown command " + first + did_you_mean(first, commands);
  }
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    // The parser would take the next argument in its place.
    if (argument.starts_with("--") && argument.ends_with('=')) {
      return argument.substr(0, argument.size() - 1) + ": the value is empty";
    }
  }
  return {};
}

// `preflight … -- CMD ARG…`: what follows the two dashes is not ours to read.
std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "preflight") return {};
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  if (dashes == arguments.end()) return {};
  std::vector<std::string> command(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  return command;
}

int run(std::vector<std::string> arguments) {
  const std::vector<std::string> command_to_start = take_command(arguments);
  CLI::App program{"Audits the Hugging Face cache: says what is really there, and what is wrong where.", "hfaudit"};
  const std::string version_line = formatted("hfaudit {}", version());
  program.set_version_flag("--version", version_line);
  program.require_subcommand(1);
  program.footer(std::string(kExitCodes));
  const std::map<std::string, Run> commands{{"scan", add_scan(program)},
                                            {"verify", add_verify(program)},
                                            {"repair", add_repair(program)},
                                            {"pull", add_pull(program)},
                                            {"watch", add_watch(program)},
                                            {"merge", add_merge(program)},
                                            {"preflight", add_preflight(program, command_to_start)},
                                            {"explain", add_explain(program)}};
  for (CLI::App* command : program.get_subcommands({})) {
    command->set_version_flag("--version", version_line);
  }

  if (arguments.empty()) {
    complain("no command is given");
    std::fputs(program.help().c_str(), stderr);
    return kUsage;
  }
  if (const std::string mistake = early_mistake(program, arguments); !mistake.empty()) {
    complain(mistake);
    return kUsage;
  }
  try {
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // it takes them from the back
  } catch (const CLI::CallForHelp&) {
    return print(program.help());
  } catch (const CLI::CallForVersion& asked) {
    return print(std::string(asked.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    complain(message_of(program, error));
    return kUsage;
  }
  return commands.at(program.get_subcommands().front()->get_name())();
}

// What the program was called as may stand for a command: `hf-pull` is `hfaudit pull`.
std::vector<std::string> arguments_of(const std::string& program, std::vector<std::string> arguments) {
  const std::string name = program.substr(program.rfind('/') + 1);
  if (name == "hf-pull") arguments.insert(arguments.begin(), "pull");
  return arguments;
}

}  // namespace
}  // namespace hfaudit::cli

int main(int argc, char** argv) {
  hfaudit::os::keep_standard_descriptors();
  hfaudit::os::keep_to_built_in_lookups();
  // A reader that goes away is an error of write(2), which is looked at.
  hfaudit::cli::remember_sigpipe(std::signal(SIGPIPE, SIG_IGN) == SIG_IGN);
  try {
    const std::string program = argc > 0 ? argv[0] : "";
    return hfaudit::cli::run(
        hfaudit::cli::arguments_of(program, std::vector<std::string>{argv + std::min(argc, 1), argv + argc}));
  } catch (const std::exception& error) {
    hfaudit::cli::complain(std::string("internal error: ") + error.what());
    return hfaudit::cli::kIncomplete;
  }
}
