// Fills the options that the command line leaves open: by values of the environment, then of
// config.toml, then the defaults of the table.
#pragma once

#include <string>

#include "options/arguments.hpp"

namespace hfaudit::cli {

// An option of a stronger source also keeps out those that it excludes. As root in another user's
// cache a variable or a key that decides where something is read from or written to is an error.
// Returns the error, with the name of the variable or the line of config.toml; else empty.
[[nodiscard]] std::string fill_open_values(Arguments& arguments);

}  // namespace hfaudit::cli
