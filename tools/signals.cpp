#include "signals.hpp"

namespace hfaudit::cli {
namespace {

bool sigpipe_ignored = false;

}  // namespace

std::stop_token catch_signals(os::StopThread thread) {
  return os::catch_stop_signals(thread);
}

void release_signals() {
  os::release_stop_signals();
}

void remember_sigpipe(bool ignored) {
  sigpipe_ignored = ignored;
}

bool ignores_sigpipe() {
  return sigpipe_ignored;
}

void stop_work() {
  os::request_stop();
}

int code_after_signals(int code) {
  constexpr int base = 128;
  const int signal = os::received_stop_signal();
  return signal == 0 ? code : base + signal;
}

}  // namespace hfaudit::cli
