// The text of `--help`, from the table. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "options/option.hpp"

namespace hfaudit::cli {

// At most `columns` wide, unless a word is longer; 0: a line for each option, for a pipe.
[[nodiscard]] std::string help_of_program(unsigned columns);
[[nodiscard]] std::string help_of_command(Command command, unsigned columns);

// The words of `text` in lines of `columns` (0: one line), each after the first indented, each before
// the last with `broken` at its end.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns,
                                  std::string_view broken = {});

// The columns of a text on a terminal with so many: no wider than is readable.
[[nodiscard]] std::size_t text_columns(unsigned columns);

}  // namespace hfaudit::cli
