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
which is replaced in one step, in place of standard output.
It must lie outside of the cache.
A device or a FIFO is written to as it is.)",
     .value = "FILE"},
    {.names = "--allow-incomplete",
     .kind = Kind::flag,
     .commands = of_export,
     .help = "Export incomplete repos, too",
     .manual = R"(Export also repos that are incomplete, that a process is downloading, or whose
completeness is unknown: their present files, without partial files.
A corrupt repo is still refused.)"},
    {.names = "-q,--quiet",
     .kind = Kind::flag,
     .commands = of_export,
     .help = "Print errors only",
     .manual = "Print errors only on standard error: without progress, summary and notes."},
};

}  // namespace hfaudit::cli
