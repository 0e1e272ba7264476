#include "os/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Memory as a file: nobody has to write while the command reads, or does not.
int fill(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::lseek(fd, 0, SEEK_SET) < 0 ? errno : 0;
}

// How the shell starts.
class Start {
 public:
  Start(int input, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawnattr_init(&attributes_);
    sigset_t all{}, none{};
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    constexpr int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~Start() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  // 0, or why not.
  [[nodiscard]] int run(std::string command, pid_t& pid) {
    std::string shell = "sh", option = "-c";
    const std::array<char*, 4> words{shell.data(), option.data(), command.data(), nullptr};
    return ::posix_spawn(&pid, "/bin/sh", &actions_, &attributes_, words.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// nullopt: it still runs at `until`.
std::optional<int> wait_until(pid_t pid, Clock::time_point until) {
  for (auto pause = milliseconds(1);; pause = std::min(2 * pause, milliseconds(50))) {
    int status = 0;
    const auto ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) return 0;  // whoever ignores SIGCHLD never learns how it ended
    if (Clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

CommandEnd end_of(int status, bool out_of_time) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status), out_of_time};
  return {WEXITSTATUS(status), 0, out_of_time};
}

}  // namespace

Result<CommandEnd> run_shell(const std::string& command, std::string_view input,
                             milliseconds most) {
  const Descriptor memory(::memfd_create("hfaudit-report", MFD_CLOEXEC));
  if (memory.get() < 0) return failed("keep", "the report", errno);
  if (const int number = fill(memory.get(), input); number != 0)
    return failed("keep", "the report", number);
  const bool has_errors = ::fcntl(STDERR_FILENO, F_GETFD) >= 0;
  const Descriptor nowhere(has_errors ? -1 : ::open("/dev/null", O_WRONLY | O_CLOEXEC));
  Start start(memory.get(), has_errors ? STDERR_FILENO : nowhere.get());
  pid_t pid = 0;
  if (const int number = start.run(command, pid); number != 0)
    return failed("start", "/bin/sh", number);

  if (const auto status = wait_until(pid, Clock::now() + most)) return end_of(*status, false);
  ::kill(-pid, SIGTERM);
  const auto politely = wait_until(pid, Clock::now() + std::chrono::seconds(2));
  ::kill(-pid, SIGKILL);  // its children may live on, and hold what we wait for
  if (politely) return end_of(*politely, true);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return end_of(status, true);
}

}  // namespace hfaudit::os
