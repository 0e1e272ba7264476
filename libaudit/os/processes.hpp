// Running processes: which of them hold which locks and have which files open.
//
// Read on first need and again after two seconds, so that a long audit judges by fresh data.
// Thread-safe. Without /proc, or with one that hides other users, all processes are invisible: an
// empty answer alone is no proof.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_info.hpp"
#include "os/fs.hpp"
#include "os/lock_probe.hpp"

namespace hfaudit::os {

// Of this process.
[[nodiscard]] std::int64_t process_id();

class Processes {
 public:
  using PathPredicate = bool (*)(std::string_view path);

  // Only descriptors whose path passes `is_watched` are examined: stat(2) of a descriptor on a dead
  // network mount hangs. The kernel appends " (deleted)" to the path of a removed file.
  explicit Processes(PathPredicate is_watched);
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  // The process that has the file open for writing. nullopt: every visible process has it closed
  // for writing.
  [[nodiscard]] std::optional<Holder> writer_of(const FileKey& file);

  // The holder of flock(2) on the file by /proc/locks, without side effects.
  [[nodiscard]] std::optional<Holder> flock_holder(const FileKey& file);

  // The holder that a soft lock's text names: is it a living process? `host` is compared with this
  // machine's name.
  // `start_token`: filelock >= 3.30 writes (boot id << 64) | start time in decimal.
  [[nodiscard]] Tristate soft_holder_alive(std::int64_t pid, const std::string& host,
                                           const std::string& start_token);
  [[nodiscard]] std::string command_of(std::int64_t pid);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hfaudit::os
