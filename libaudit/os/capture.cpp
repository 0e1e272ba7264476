#include "os/capture.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "os/spawn.hpp"
#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  OwnedDescriptor ours, theirs;
  [[nodiscard]] bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
    return true;
  }
};

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

}  // namespace

Result<Captured> capture(const std::vector<std::string>& words,
                         const std::vector<std::string>& environment, std::string_view input,
                         const CaptureLimits& limits) {
  const auto& name = words.front();
  OwnedDescriptor memory;
  if (const int number = put_in_memory(input, memory); number != 0)
    return failed("start", name, number);
  Pipe out, errors;
  if (!out.open() || !errors.open()) return failed("start", name);
  int pid = 0;
  const auto until = Clock::now() + limits.most_time;
  const SpawnStreams streams{memory.get(), out.theirs.get(), errors.theirs.get()};
  const int number = spawn(words, &environment, streams, SpawnGroup::own, pid);
  if (number != 0) return failed("start", name, number);
  out.theirs.close();
  errors.theirs.close();

  Captured captured;
  auto limit = Reader(out, errors, limits, captured).read(until);
  std::optional<int> status;
  if (limit.empty()) status = wait_until(pid, until);
  if (!status) {
    ::kill(-pid, SIGKILL);
    (void)wait_for(pid);
    return failure("run", name, limit.empty() ? "it took too long" : limit, 0);
  }
  constexpr int by_signal = 128;
  captured.code = WIFEXITED(*status) ? WEXITSTATUS(*status) : by_signal + WTERMSIG(*status);
  return captured;
}

}  // namespace hfaudit::os
