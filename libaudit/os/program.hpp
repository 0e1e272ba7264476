// Another program, run in our place at the terminal.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// The file that this process runs; "hfaudit", to be searched in PATH, where the system hides the
// path.
[[nodiscard]] std::string own_program();

// Runs `words` (the first one is looked for in PATH) with our standard descriptors and terminal, in
// our process group, so that it may ask for a password and Ctrl-C reaches it; waits for its end.
// Its exit code, 128 + n where signal n ended it. Errors: the program failed to start.
[[nodiscard]] Result<int> run_and_wait(const std::vector<std::string>& words);

// This process becomes another program: same pid, environment and descriptors, with the signals as
// they were before keep_standard_descriptors() and other changes: SIGPIPE, SIGINT and SIGTERM have
// their default effect, unless `ignored` says otherwise. Only returns where that failed; its code
// is errno.
struct IgnoredSignals {
  bool pipe = false, file_size = false, child = false;  // SIGPIPE, SIGXFSZ, SIGCHLD
};
[[nodiscard]] Error become_program(const std::vector<std::string>& words, IgnoredSignals ignored);

// Runs `work` in a process of its own and waits for its end; its return value. `work` gets the stop
// token of that process: SIGTERM, which it is sent once `stop` is requested, and SIGINT. To be
// called while the caller's thread and that of catch_stop_signals() are the only ones.
[[nodiscard]] Result<int> run_apart(const std::function<int(const std::stop_token&)>& work,
                                    const std::stop_token& stop);

}  // namespace hfaudit::os
