#include "signals.hpp"

#include <csignal>

#include "os/stop_signals.hpp"

namespace hfaudit::cli {
namespace {

bool sigpipe_ignored = false, sigxfsz_ignored = false;

}  // namespace

std::stop_token catch_signals() {
  return os::catch_stop_signals();
}

void release_signals() {
  os::release_stop_signals();
}

void remember_sigpipe(bool ignored) {
  sigpipe_ignored = ignored;
}

void remember_sigxfsz(bool ignored) {
  sigxfsz_ignored = ignored;
}

bool ignores_sigpipe() {
  return sigpipe_ignored;
}

bool ignores_sigxfsz() {
  return sigxfsz_ignored;
}

void stop_work() {
  os::request_stop();
}

ExitCode code_after_signals(ExitCode code) {
  const int signal = os::received_stop_signal();
  if (signal == 0) return code;
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

}  // namespace hfaudit::cli
