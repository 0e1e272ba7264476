// The options of completion alone.
#pragma once

#include "options/option.hpp"

namespace hfaudit::cli {

inline constexpr Option completion_options[] = {
    {.names = "SHELL",
     .kind = Kind::choice,
     .commands = of_completion,
     .group = Group::arguments,
     .help = "bash, zsh or fish",
     .choices = "bash|zsh|fish"},
    {.names = "--repos",
     .kind = Kind::flag,
     .commands = of_completion,
     .help = "Print the names of the repos in the cache, a line each; the scripts call this",
     .manual = "Print the names of the repos in the cache, a line each, as the scripts need them."},
    {.names = "--cache-dir",
     .kind = Kind::directory,
     .commands = of_completion,
     .group = Group::selection,
     .help = "Hub cache of the repos",
     .manual = "The hub cache of the repos.",
     .value = "DIR"},
    {.names = "--hf-home",
     .kind = Kind::directory,
     .commands = of_completion,
     .group = Group::selection,
     .help = "Home of the repos",
     .manual = "The home of the repos.",
     .value = "DIR"},
};

}  // namespace hfaudit::cli
