#include "os/capture.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <thread>

#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

using Clock = std::chrono::steady_clock;

class OwnedDescriptor {
 public:
  OwnedDescriptor() = default;
  ~OwnedDescriptor() { close(); }
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  void set(int fd) { fd_ = fd; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

struct Pipe {
  OwnedDescriptor ours, theirs;
  [[nodiscard]] bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    ours.set(ends[0]);
    theirs.set(ends[1]);
    return true;
  }
};

// Memory as a file: no thread has to write while the program reads, or does not.
bool fill_memory(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::lseek(fd, 0, SEEK_SET) >= 0;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// 0, or why it could not be started.
int start(std::vector<std::string> words, std::vector<std::string> environment, int input,
          int output, int errors, pid_t& pid) {
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  sigset_t all{}, none{};
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  constexpr int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
  ::posix_spawnattr_setflags(&attributes, static_cast<short>(flags));
  auto arguments = pointers_to(words);
  auto variables = pointers_to(environment);
  const int number = ::posix_spawnp(&pid, arguments.front(), &actions, &attributes,
                                    arguments.data(), variables.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return number;
}

// Reads both until they end. Empty, or which limit was reached.
class Reader {
 public:
  Reader(Pipe& out, Pipe& errors, const CaptureLimits& limits, Captured& into)
      : out_(out), errors_(errors), limits_(limits), into_(into) {}

  std::string read(Clock::time_point until) {
    while (out_.ours.get() >= 0 || errors_.ours.get() >= 0) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0) return "it took too long";
      std::array<pollfd, 2> ends{pollfd{out_.ours.get(), POLLIN, 0},
                                 pollfd{errors_.ours.get(), POLLIN, 0}};
      constexpr long longest_wait_ms = 1'000;
      if (::poll(ends.data(), ends.size(), static_cast<int>(std::min(left, longest_wait_ms))) < 0 &&
          errno != EINTR)
        return "poll failed";
      if (ends[0].revents != 0) take(out_, into_.out, limits_.most_bytes + 1);
      if (ends[1].revents != 0) take(errors_, into_.errors, most_error_bytes);
      if (into_.out.size() > limits_.most_bytes) return "its answer is too long";
    }
    return {};
  }

 private:
  static constexpr std::size_t most_error_bytes = 4'096;

  void take(Pipe& from, std::string& into, std::size_t most) {
    const auto got = ::read(from.ours.get(), buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) return from.ours.close();
    into.append(buffer_.data(), std::min(static_cast<std::size_t>(got), most - into.size()));
  }

  Pipe& out_;
  Pipe& errors_;
  const CaptureLimits& limits_;
  Captured& into_;
  std::array<char, 65'536> buffer_{};
};

// Its end; nullopt: it still runs at `until`.
std::optional<int> wait_for_end(pid_t pid, Clock::time_point until) {
  using std::chrono::microseconds;
  for (auto pause = microseconds(200);; pause = std::min(2 * pause, microseconds(50'000))) {
    int status = 0;
    const auto ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) return 0;  // SIGCHLD is ignored: no status is left
    if (Clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Result<Captured> capture(const std::vector<std::string>& words,
                         const std::vector<std::string>& environment, std::string_view input,
                         const CaptureLimits& limits) {
  const auto& name = words.front();
  OwnedDescriptor memory;
  memory.set(::memfd_create("hfaudit-input", MFD_CLOEXEC));
  Pipe out, errors;
  if (memory.get() < 0 || !fill_memory(memory.get(), input) || !out.open() || !errors.open())
    return failed("start", name);
  pid_t pid = 0;
  const auto until = Clock::now() + limits.most_time;
  const int number =
      start(words, environment, memory.get(), out.theirs.get(), errors.theirs.get(), pid);
  if (number != 0) return failed("start", name, number);
  out.theirs.close();
  errors.theirs.close();

  Captured captured;
  auto limit = Reader(out, errors, limits, captured).read(until);
  std::optional<int> status;
  if (limit.empty()) status = wait_for_end(pid, until);
  if (!status) {
    ::kill(-pid, SIGKILL);
    int ended = 0;
    while (::waitpid(pid, &ended, 0) < 0 && errno == EINTR) {
    }
    return failure("run", name, limit.empty() ? "it took too long" : limit, 0);
  }
  constexpr int by_signal = 128;
  captured.code = WIFEXITED(*status) ? WEXITSTATUS(*status) : by_signal + WTERMSIG(*status);
  return captured;
}

}  // namespace hfaudit::os
