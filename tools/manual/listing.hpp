// The table of options, and its reading of a command line, as text for tests.
#pragma once

#include <string>
#include <vector>

namespace hfaudit::cli {

// A line for each option of each command, of fields between tabs: command, main name, kind,
// choices, default, example, least, most, "repeatable" or "-", separator, what it excludes,
// variable, key of config.toml, "setting" or "-", "location" or "-".
[[nodiscard]] std::string table_listing();

// A line for each value that a command gets: its name, its kind, its texts, between tabs; by the
// environment and config.toml of this process. Of an invalid command line: "error".
[[nodiscard]] std::string arguments_listing(const std::vector<std::string>& words);

}  // namespace hfaudit::cli
