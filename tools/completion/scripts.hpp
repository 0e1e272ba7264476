// Completion scripts of shells, from the table of options. Pure.
//
// A script holds the commands, options and fixed values. Only the names of repos are queried when a
// word is completed (`hfaudit completion --repos`), which leaves out names with characters that are
// special to a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "options/table.hpp"

namespace hfaudit::cli {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

// Shared by the three shells.

// The completion of a value.
enum class ValueSource { nothing, words, files, directories, repos, users };
[[nodiscard]] ValueSource value_source(const Option& option);
// The words of ValueSource::words: choices, or the ids of findings.
[[nodiscard]] std::vector<std::string> words_of_value(const Option& option);
// "-q", "--quiet".
[[nodiscard]] std::vector<std::string> names_of(const Option& option);
// The options of a command, then its arguments.
[[nodiscard]] std::vector<const Option*> options_taken_by(Command command);
[[nodiscard]] const Option* argument_of(Command command);
[[nodiscard]] std::string joined_words(const std::vector<std::string>& words,
                                       std::string_view separator = " ");
// The help of an option in one line without a mark at its end, such as " [25]".
[[nodiscard]] std::string description_of(const Option& option, Command command);
// 'text' for every shell: a quote inside is written as '\''.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace hfaudit::cli
