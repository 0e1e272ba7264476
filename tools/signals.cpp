#include "signals.hpp"

#include <csignal>

#include "os/stop_signals.hpp"

namespace hfaudit::cli {
namespace {

os::IgnoredSignals given;

}  // namespace

std::stop_token catch_signals() {
  return os::catch_stop_signals();
}

void release_signals() {
  os::release_stop_signals();
}

void set_own_signals() {
  given.pipe = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
  given.file_size = std::signal(SIGXFSZ, SIG_IGN) == SIG_IGN;
  given.child = std::signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

os::IgnoredSignals ignored_by_parent() {
  return given;
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
