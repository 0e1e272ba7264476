#include "os/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "os/spawn.hpp"
#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

CommandEnd end_of(int status, bool out_of_time) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status), out_of_time};
  return {WEXITSTATUS(status), 0, out_of_time};
}

}  // namespace

Result<CommandEnd> run_shell(const std::string& command, std::string_view input,
                             milliseconds most) {
  OwnedDescriptor memory;
  if (const int number = put_in_memory(input, memory); number != 0)
    return failed("keep", "the report", number);
  const bool has_errors = ::fcntl(STDERR_FILENO, F_GETFD) >= 0;
  const OwnedDescriptor nowhere(has_errors ? -1 : ::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const SpawnStreams streams{memory.get(), has_errors ? STDERR_FILENO : nowhere.get(), -1};
  int pid = 0;
  const int number = spawn({"/bin/sh", "-c", command}, nullptr, streams, SpawnGroup::own, pid);
  if (number != 0) return failed("start", "/bin/sh", number);

  if (const auto status = wait_until(pid, Clock::now() + most)) return end_of(*status, false);
  ::kill(-pid, SIGTERM);
  const auto politely = wait_until(pid, Clock::now() + std::chrono::seconds(2));
  ::kill(-pid, SIGKILL);  // its children may live on, and hold the pipe that we wait for
  if (politely) return end_of(*politely, true);
  return end_of(wait_for(pid), true);
}

}  // namespace hfaudit::os
