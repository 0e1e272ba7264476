// Ctrl-C and SIGTERM: the work stops, with a report; the second one of a kind ends the process at
// once.
#pragma once

#include <stop_token>

#include "hfaudit/exit_code.hpp"
#include "os/program.hpp"

namespace hfaudit::cli {

// From now on the two signals request a stop instead of ending the process.
[[nodiscard]] std::stop_token catch_signals();
// From now on they end the process again. Earlier ones stay noted.
void release_signals();
// At the start. A closed pipe, and a file that a limit (ulimit -f) keeps from growing, are errors of
// write(2), which is checked. The exit codes of started programs are wanted, which a parent that
// ignores SIGCHLD would take away.
void set_own_signals();
// As they were before, for the program that this one becomes.
[[nodiscard]] os::IgnoredSignals ignored_by_parent();
// As if one had come, but for the exit code: the readers are gone.
void stop_work();
// `code`; interrupted or terminated once one has come.
[[nodiscard]] ExitCode code_after_signals(ExitCode code);

}  // namespace hfaudit::cli
