// What the command line leaves open: values of the environment, for images whose arguments cannot
// change, and the defaults of the table.
#pragma once

#include <string>

#include "options/arguments.hpp"

namespace hfaudit::cli {

// A variable that is set but empty counts as not set, as the template of a manifest leaves it.
// Returns the error of a variable that holds no value, with its name; empty: none.
[[nodiscard]] std::string fill_open_values(Arguments& arguments);

}  // namespace hfaudit::cli
