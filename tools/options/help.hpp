// The text of `--help`, from the table. Pure.
#pragma once

#include <string>

#include "options/option.hpp"

namespace hfaudit::cli {

// At most `columns` wide, unless a word is longer; 0: a line for each option, for a pipe.
[[nodiscard]] std::string help_of_program(unsigned columns);
[[nodiscard]] std::string help_of_command(Command command, unsigned columns);

}  // namespace hfaudit::cli
