// The parts of starting a program that its callers share. Linux only (memfd_create).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"

namespace hfaudit::os {

// Closes the descriptor at its end.
class OwnedDescriptor {
 public:
  OwnedDescriptor() = default;
  explicit OwnedDescriptor(int fd) : fd_(fd) {}
  ~OwnedDescriptor() { close(); }
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  void reset(int fd) {
    close();
    fd_ = fd;
  }
  void close();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Fills `memory` with a file in memory that holds `bytes` and is read from its beginning: the
// program may read it, or ignore it, without a writing thread here. Returns 0 or an errno.
[[nodiscard]] int put_in_memory(std::string_view bytes, OwnedDescriptor& memory);

// The standard streams of the program. -1: inherited from this process.
struct SpawnStreams {
  int input = -1, output = -1, errors = -1;
};

enum class SpawnGroup { same, own };  // of processes, so that its children can be ended with it

// Starts `words` with all signals unblocked and at their default effect. Without a slash the first
// one is looked up in PATH. `environment`: null for this process's own. 0, or why it could not be
// started (errno).
[[nodiscard]] int spawn(std::vector<std::string> words, const std::vector<std::string>* environment,
                        const SpawnStreams& streams, SpawnGroup group, int& pid);

// The status of waitpid(2); that of a failed process where the status is gone, because this process
// ignores SIGCHLD. nullopt: the process still runs at `until`.
[[nodiscard]] std::optional<int> wait_until(int pid, std::chrono::steady_clock::time_point until);

// Waits without a limit: for a process that was killed before. Returns its status.
[[nodiscard]] int wait_for(int pid);

}  // namespace hfaudit::os
