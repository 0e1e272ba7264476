#include "os/spawn.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace hfaudit::os {
namespace {

constexpr int failed_status = 1 << 8;  // exit code 1, as waitpid(2) writes it

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void OwnedDescriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

int put_in_memory(std::string_view bytes, OwnedDescriptor& memory) {
  memory.reset(::memfd_create("hfaudit", MFD_CLOEXEC));
  if (memory.get() < 0) return errno;
  while (!bytes.empty()) {
    const auto written = ::write(memory.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::lseek(memory.get(), 0, SEEK_SET) < 0 ? errno : 0;
}

int spawn(std::vector<std::string> words, const std::vector<std::string>* environment,
          const SpawnStreams& streams, SpawnGroup group, int& pid) {
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  const std::array<std::pair<int, int>, 3> replaced{{{streams.input, STDIN_FILENO},
                                                     {streams.output, STDOUT_FILENO},
                                                     {streams.errors, STDERR_FILENO}}};
  for (const auto& [from, to] : replaced) {
    if (from >= 0) ::posix_spawn_file_actions_adddup2(&actions, from, to);
  }
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  sigset_t all{}, none{};
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  const int own_group = group == SpawnGroup::own ? POSIX_SPAWN_SETPGROUP : 0;
  const int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | own_group;
  ::posix_spawnattr_setflags(&attributes, static_cast<short>(flags));
  auto arguments = pointers_to(words);
  std::vector<std::string> copies;
  if (environment != nullptr) copies = *environment;
  auto variables = pointers_to(copies);
  const int number =
      ::posix_spawnp(&pid, arguments.front(), &actions, &attributes, arguments.data(),
                     environment != nullptr ? variables.data() : environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return number;
}

std::optional<int> wait_until(int pid, std::chrono::steady_clock::time_point until) {
  using std::chrono::microseconds;
  for (auto pause = microseconds(200);; pause = std::min(2 * pause, microseconds(50'000))) {
    int status = 0;
    const auto ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) return failed_status;
    if (std::chrono::steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

int wait_for(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace hfaudit::os
