// SIGINT and SIGTERM as a std::stop_token.
//
// std::stop_source::request_stop() is forbidden in a signal handler. The handler posts a semaphore,
// which is allowed, and a thread that waits for it requests the stop. The second signal, of either
// kind, ends the process at once. The thread also runs the handler: where all others wait in the
// kernel for a hung mount, it still does. A signal that the parent process ignores stays ignored.
//
// A forked child has the handler but lacks the thread: it calls catch_stop_signals() itself. The
// semaphore is memory of the process, unlike a pipe, so a signal to the child stays with the child.
#pragma once

#include <stop_token>

namespace hfaudit::os {

// From now on the two signals request a stop. Where the thread fails to start (a container's limit)
// they are only noted.
[[nodiscard]] std::stop_token catch_stop_signals();
// From now on they have their default effect again. Earlier ones stay noted.
void release_stop_signals();
// Calls `act` at the first signal, before the stop is requested; outside signal handlers, so it may
// lock. Without a thread (as above) `act` is skipped.
void at_stop_signal(void (*act)());
// As if one had come, but for received_stop_signal().
void request_stop();
[[nodiscard]] int received_stop_signal();  // 0 before the first

}  // namespace hfaudit::os
