// The text of a soft lock: a lock whose existence means "held", where the file system lacks flock.
//
// filelock >= 3.22 writes `pid\nhostname\n`, >= 3.30 a third line with the process's start time;
// before 3.22 the file is empty. The strict variant writes a sentinel that must be respected.
// Defined by filelock's _soft.py. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hfaudit {

struct SoftLock {
  std::int64_t pid = 0;
  std::string host;
  std::string start_token;  // decimal; empty where unrecorded
};

// nullopt: a record that filelock would reject (cut short, wrong line count, other text than
// numbers).
[[nodiscard]] std::optional<SoftLock> parse_soft_lock(std::string_view text);

// `1\nfilelock-strict-v1\0\n0\n`: held by a protocol of its own, which is independent of the pid.
[[nodiscard]] bool is_strict_sentinel(std::string_view text);

}  // namespace hfaudit
