#include "os/stop_signals.hpp"

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace hfaudit::os {
namespace {

constexpr std::initializer_list<int> stop_signals = {SIGINT, SIGTERM};

// The handler touches these only.
volatile std::sig_atomic_t received_signal = 0;
volatile std::sig_atomic_t caught[NSIG] = {};  // those that the handler is for
sem_t signal_arrived;

std::atomic<void (*)()> stop_action{nullptr};

// Stays allocated: the thread outlives main().
std::stop_source* stop_source = nullptr;

extern "C" void note_stop_signal(int signal) {
  const int code = errno;
  received_signal = signal;
  // the next one, of either kind, ends the process
  for (const int each : {SIGINT, SIGTERM}) {
    if (caught[each] != 0) std::signal(each, SIG_DFL);
  }
  ::sem_post(&signal_arrived);
  errno = code;
}

extern "C" void* wait_for_stop_signal(void* source) {
  while (::sem_wait(&signal_arrived) != 0) {
  }
  if (auto* const act = stop_action.load()) act();
  static_cast<std::stop_source*>(source)->request_stop();
  for (;;)  // the second signal is for this thread, too
    ::pause();
}

sigset_t set_of_stop_signals() {
  sigset_t set{};
  ::sigemptyset(&set);
  for (const int signal : stop_signals)
    ::sigaddset(&set, signal);
  return set;
}

// The stop signals are for this thread alone: another one may wait in the kernel for an
// unresponsive file system, where handlers are delayed. All other signals are for the other
// threads.
void start_stop_thread() {
  constexpr std::size_t small_stack = std::size_t{128} << 10U;
  const sigset_t stop = set_of_stop_signals();
  sigset_t others{}, before{};
  ::sigfillset(&others);
  for (const int signal : stop_signals)
    ::sigdelset(&others, signal);
  ::pthread_sigmask(SIG_SETMASK, &others, &before);
  pthread_attr_t attributes{};
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  (void)::pthread_attr_setstacksize(&attributes, small_stack);
  pthread_t thread{};
  const bool runs = ::pthread_create(&thread, &attributes, wait_for_stop_signal, stop_source) == 0;
  ::pthread_attr_destroy(&attributes);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // of this thread and of those that it starts
  ::pthread_sigmask(runs ? SIG_BLOCK : SIG_UNBLOCK, &stop, nullptr);
}

}  // namespace

std::stop_token catch_stop_signals() {
  ::sem_init(&signal_arrived, 0, 0);
  stop_source = new std::stop_source;  // a child needs one of its own beside its parent's
  received_signal = 0;
  start_stop_thread();
  for (const int signal : stop_signals) {
    caught[signal] = 1;
    if (std::signal(signal, note_stop_signal) != SIG_IGN) continue;
    caught[signal] = 0;
    std::signal(signal, SIG_IGN);
  }
  return stop_source->get_token();
}

void release_stop_signals() {
  const sigset_t stop = set_of_stop_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  for (const int signal : stop_signals) {
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void at_stop_signal(void (*act)()) {
  stop_action = act;
}

void request_stop() {
  if (stop_source != nullptr) stop_source->request_stop();
}

int received_stop_signal() {
  return received_signal;
}

}  // namespace hfaudit::os
