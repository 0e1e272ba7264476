// Ctrl-C and SIGTERM: the work stops, with a report; the second one of a kind ends the process at
// once.
#pragma once

#include <stop_token>

#include "hfaudit/exit_code.hpp"

namespace hfaudit::cli {

// From now on the two signals request a stop instead of ending the process.
[[nodiscard]] std::stop_token catch_signals();
// From now on they end the process again. Earlier ones stay noted.
void release_signals();
// Whether the parent process ignores SIGPIPE, or SIGXFSZ, for programs that this one starts.
void remember_sigpipe(bool ignored);
[[nodiscard]] bool ignores_sigpipe();
void remember_sigxfsz(bool ignored);
[[nodiscard]] bool ignores_sigxfsz();
// As if one had come, but for the exit code: the readers are gone.
void stop_work();
// `code`; interrupted or terminated once one has come.
[[nodiscard]] ExitCode code_after_signals(ExitCode code);

}  // namespace hfaudit::cli
