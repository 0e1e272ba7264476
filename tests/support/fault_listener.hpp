// The kernel's side of the fault injector: starts a program whose system calls are announced, and
// answers for one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "fault_calls.hpp"

namespace faults {

// Starts the program; the descriptor on which its calls are announced, -1 and errno.
int start_listening(char** program, pid_t& child);

// Waits for one call. `decide` gets it where a path of it lies below `root`, relative to that, and
// says which error it gets; all other calls are carried out.
void answer(int listener, const std::string& root,
            const std::function<int(const Call&, const std::string& path)>& decide);

}  // namespace faults
