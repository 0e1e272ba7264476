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
     .help = "The hub cache whose repos are meant",
     .manual = "The hub cache whose repos are meant.",
     .value = "DIR"},
    {.names = "--hf-home",
     .kind = Kind::directory,
     .commands = of_completion,
     .group = Group::selection,
     .help = "The home whose repos are meant",
     .manual = "The home whose repos are meant.",
     .value = "DIR"},
};

}  // namespace hfaudit::cli
