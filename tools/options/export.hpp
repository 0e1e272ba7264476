// The options of `hfaudit export`.
#pragma once

#include "options/option.hpp"

namespace hfaudit::cli {

inline constexpr Option export_options[] = {
    {.names = "-o,--output",
     .kind = Kind::file,
     .commands = of_export,
     .help = "Write the archive to FILE; standard output by default",
     .manual = R"(Write the archive to
.Ar file ,
which is there as a whole or not at all, in place of standard output.
It must lie outside of the cache.
A device or a FIFO is written to as it is.)",
     .value = "FILE"},
    {.names = "--allow-incomplete",
     .kind = Kind::flag,
     .commands = of_export,
     .help = "Also repos that are not complete",
     .manual = R"(Export also repos that are incomplete, that a process is downloading, or of which
nothing says whether they are complete: the files that are here, and no partial files.
A corrupt repo is refused all the same.)"},
    {.names = "-q,--quiet",
     .kind = Kind::flag,
     .commands = of_export,
     .help = "Print errors only",
     .manual = "No progress, no summary and no notes on standard error; errors only."},
};

}  // namespace hfaudit::cli
