// The exit codes of the program, the same for every command. They are a promise: scripts and
// entrypoints compare them.
#pragma once

#include <cstdint>

namespace hfaudit {

// A report that was read back may hold any value from 0 to 255: older or newer versions may know
// others.
enum class ExitCode : std::uint8_t {
  ok = 0,              // everything requested was scanned, without a finding of severity error
  damage = 1,          // a finding of severity error is left
  usage = 2,           // unknown option, unknown repo, absent cache
  incomplete = 3,      // a scan or an action failed: the verdict is unknown
  refused = 4,         // the Hub refused: not found, gated, or without a valid token
  not_runnable = 126,  // `preflight -- CMD`: CMD cannot be started
  not_found = 127,     // `preflight -- CMD`: CMD is missing
  interrupted = 130,   // SIGINT
  terminated = 143,    // SIGTERM
};

[[nodiscard]] constexpr int to_int(ExitCode code) {
  return static_cast<int>(code);
}

[[nodiscard]] constexpr bool was_interrupted(ExitCode code) {
  return code == ExitCode::interrupted || code == ExitCode::terminated;
}

}  // namespace hfaudit
