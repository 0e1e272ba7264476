// Another program, run in our place at the terminal.
#pragma once

#include <string>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// The file that this process runs; "hfaudit", to be looked for in PATH, where the system does not say.
[[nodiscard]] std::string own_program();

// Runs `words` (the first one is looked for in PATH) with our standard descriptors and terminal, in our process
// group, so that it may ask for a password and Ctrl-C reaches it; waits for its end. Its exit code, 128 + n where
// signal n ended it. Errors: it could not be started.
[[nodiscard]] Result<int> run_and_wait(const std::vector<std::string>& words);

}  // namespace hfaudit::os
