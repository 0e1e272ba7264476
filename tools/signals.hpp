// Ctrl-C and SIGTERM: the work ends in its own time, with a report; a second one ends it at once.
#pragma once

#include <atomic>

#include "hfaudit/exit_code.hpp"

namespace hfaudit::cli {

// From now on the two signals set this flag instead of ending the process.
[[nodiscard]] const std::atomic<bool>& catch_signals();
// From now on they end the process again. Whether one has come before that is in the flag.
void release_signals();
// Whether whoever started us ignores SIGPIPE, for what we start in our turn.
void remember_sigpipe(bool ignored);
[[nodiscard]] bool ignores_sigpipe();
// As if one had come, but for the exit code: nobody listens any more.
void stop_work();
// `code`; interrupted or terminated once one has come.
[[nodiscard]] ExitCode code_after_signals(ExitCode code);

}  // namespace hfaudit::cli
