#include "os/program.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

#include "os/secrets.hpp"
#include "os/spawn.hpp"
#include "os/stop_signals.hpp"

namespace hfaudit::os {

std::string own_program() {
  std::array<char, PATH_MAX> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "hfaudit";
}

namespace {

constexpr int by_signal = 128;

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
}

}  // namespace

Error become_program(const std::vector<std::string>& words, IgnoredSignals ignored) {
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (auto& word : copies)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (!ignored.pipe) ::signal(SIGPIPE, SIG_DFL);
  if (!ignored.file_size) ::signal(SIGXFSZ, SIG_DFL);
  if (ignored.child) ::signal(SIGCHLD, SIG_IGN);
  restore_for_program();
  ::execvp(arguments.front(), arguments.data());
  return {"start", words.front(), std::generic_category().message(errno), errno};
}

Result<int> run_apart(const std::function<int(const std::stop_token&)>& work,
                      const std::stop_token& stop) {
  const pid_t pid = ::fork();
  if (pid < 0) return failure("start", "a process", std::generic_category().message(errno), errno);
  if (pid == 0) {
    const auto own_stop = catch_stop_signals();
    if (stop.stop_requested()) request_stop();
    ::_exit(work(own_stop));
  }
  constexpr useconds_t moment_us = 20'000;
  bool asked = false;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(pid, &status, WNOHANG)) == 0) {
    if (!asked && stop.stop_requested()) asked = ::kill(pid, SIGTERM) == 0;
    ::usleep(moment_us);
  }
  if (ended < 0)
    return failure("wait for", "a process", std::generic_category().message(errno), errno);
  return code_of(status);
}

Result<int> run_and_wait(const std::vector<std::string>& words) {
  int pid = 0;
  const int number = spawn(words, nullptr, {}, SpawnGroup::same, pid);
  if (number != 0)
    return failure("start", words.front(), std::generic_category().message(number), number);

  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR)
      return failure("wait for", words.front(), std::generic_category().message(errno), errno);
  }
  return code_of(status);
}

}  // namespace hfaudit::os
