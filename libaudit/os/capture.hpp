// The output of another program, within bounds.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

struct CaptureLimits {
  std::size_t most_bytes = 0;  // of standard output
  std::chrono::milliseconds most_time{};
};

struct Captured {
  std::string out;     // its standard output
  std::string errors;  // the first few kilobytes of its standard error
  int code = 0;        // its exit status; 128 + n where signal n ended it
};

// Runs `words` (the first one is looked for in our PATH) with `input` on its standard input and
// `environment` ("NAME=VALUE") as its whole environment, in a process group of its own, with the
// default effect of all signals. Errors: the program failed to start (code: an errno), or it was
// ended for being beyond a limit (code 0).
[[nodiscard]] Result<Captured> capture(const std::vector<std::string>& words,
                                       const std::vector<std::string>& environment,
                                       std::string_view input, const CaptureLimits& limits);

}  // namespace hfaudit::os
