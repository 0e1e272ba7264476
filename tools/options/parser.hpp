// The command line, read by the table of options. CLI11 is known in parser.cpp alone.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "hfaudit/exit_code.hpp"
#include "options/arguments.hpp"

namespace hfaudit::cli {

// The text to print in place of a command.
struct Answer {
  ExitCode code = ExitCode::ok;  // or usage
  std::string error;             // a line for standard error, or empty
  // --help or --version, for standard output; of a usage error for standard error
  std::string text;
  bool for_programs = false;  // --format json or ndjson was given: the error is an object, too
};

// `words` without the name of the program. Values that the command line leaves open come from
// HFAUDIT_* variables, then from config.toml, then from the table's defaults.
[[nodiscard]] std::variant<Arguments, Answer> parse_command_line(std::vector<std::string> words);

}  // namespace hfaudit::cli
