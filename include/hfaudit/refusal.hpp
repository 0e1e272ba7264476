// A repo that `lock` or `export` leaves out: then the whole request is refused.
#pragma once

#include <string>

#include "hfaudit/exit_code.hpp"

namespace hfaudit {

// The repo is absent, incomplete, corrupt or unreadable.
struct RepoRefusal {
  std::string why;  // a sentence, with the command to run
  ExitCode code = ExitCode::damage;
};

}  // namespace hfaudit
