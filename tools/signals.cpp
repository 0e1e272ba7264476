#include "signals.hpp"

#include <csignal>
#include <initializer_list>

namespace hfaudit::cli {
namespace {

// What a signal handler may touch.
std::atomic<bool> stop_asked{false};
volatile std::sig_atomic_t received = 0;
bool sigpipe_ignored = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_signal(int signal) {
  received = signal;
  stop_asked.store(true);
  std::signal(signal, SIG_DFL);  // the second one does not wait
}

}  // namespace

const std::atomic<bool>& catch_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    if (std::signal(signal, on_signal) == SIG_IGN) std::signal(signal, SIG_IGN);  // as whoever started us wants it
  }
  return stop_asked;
}

void release_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void remember_sigpipe(bool ignored) {
  sigpipe_ignored = ignored;
}

bool ignores_sigpipe() {
  return sigpipe_ignored;
}

void stop_work() {
  stop_asked.store(true);
}

ExitCode code_after_signals(ExitCode code) {
  const int signal = received;
  if (signal == 0) return code;
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

}  // namespace hfaudit::cli
