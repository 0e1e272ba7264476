// A user's own command, run by the shell.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

struct CommandEnd {
  int code = 0;              // its exit status
  int signal = 0;            // that ended it; 0: it ended by itself
  bool out_of_time = false;  // it was ended by us
};

// `/bin/sh -c COMMAND` with `input` on its standard input, which it may ignore; its standard output
// goes to our standard error. Signals have their default effect in it. It has a process group of
// its own, which is ended as a whole after `most`. Errors: the shell failed to start.
[[nodiscard]] Result<CommandEnd> run_shell(const std::string& command, std::string_view input,
                                           std::chrono::milliseconds most);

}  // namespace hfaudit::os
