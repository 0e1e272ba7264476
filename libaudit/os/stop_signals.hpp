// SIGINT and SIGTERM as a std::stop_token.
//
// std::stop_source::request_stop() may not be called from a signal handler. The handler posts a
// semaphore, which is allowed, and a thread that waits for it requests the stop. The second signal,
// of either kind, ends the process at once. The thread also runs the handler: where all others wait
// in the kernel for a hung mount, it still does. A signal that the parent process ignores stays
// ignored.
//
// A forked child has the handler and no such thread: it calls catch_stop_signals() itself. The
// semaphore is memory of the process and not a pipe, so a signal to the child stays with the child.
#pragma once

#include <stop_token>

namespace hfaudit::os {

// From now on the two signals request a stop. Where no thread is to be had (a container's limit)
// they are only noted.
[[nodiscard]] std::stop_token catch_stop_signals();
// From now on they have their default effect again. Earlier ones stay noted.
void release_stop_signals();
// Calls `act` at the first signal, before the stop is requested; from no signal handler, so it may
// lock. Without a thread (see above) it is not called.
void at_stop_signal(void (*act)());
// As if one had come, but for received_stop_signal().
void request_stop();
[[nodiscard]] int received_stop_signal();  // 0: none

}  // namespace hfaudit::os
