// Ctrl-C and SIGTERM: the work ends in its own time, with a report; a second one ends it at once.
#pragma once

#include <atomic>

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
// `code`, or 130 or 143 once one has come.
[[nodiscard]] int code_after_signals(int code);

}  // namespace hfaudit::cli
