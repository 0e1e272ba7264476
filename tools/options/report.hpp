// Options of the report, and those of every command.
#pragma once

#include "options/option.hpp"

namespace hfaudit::cli {

inline constexpr Option report_options[] = {
    {.names = "--format",
     .kind = Kind::choice,
     .commands = report_commands,
     .group = Group::report,
     .help = "Format of the report",
     .manual = R"(.Cm json
is one object of the schema hfaudit.report/1, with a line for each repo and
finding;
.Cm ndjson
is an object a line, each with a
.Va type ;
.Cm html
is one page that needs no other file, no network and no script.)",
     .choices = "text|json|ndjson|html",
     .initial = "text",
     .wordings = {{.commands = of_preflight, .manual = R"(.Cm json
is one object of the schema hfaudit.report/1, with a line for each repo and
finding;
.Cm ndjson
is an object a line, each with a
.Va type ;
.Cm html
is one page.
A report is printed only if this or
.Fl -output
is given, also without damage.)"}}},
    {.names = "--output",
     .kind = Kind::file,
     .commands = report_commands,
     .group = Group::report,
     .help = "Write the report, in its format, to FILE; standard output gets the text",
     .manual = R"(Write the report, in its format, to
.Ar file ,
and the text to standard output.
The file is replaced in one step: it is written under another name
beside it and then renamed.
A device or a FIFO is written to as it is.)",
     .value = "FILE"},
    {.names = "-q,--quiet",
     .kind = Kind::flag,
     .commands = report_commands,
     .group = Group::report,
     .help = "Print only damage; print nothing if all is well",
     .manual = "Print only damage, and nothing if all is well.",
     .excludes = "--verbose",
     .wordings = {{.commands = of_preflight, .manual = "Print no lines of progress."},
                  {.commands = of_watch,
                   .manual = "Print no lines, and of the report the damage only."}}},
    {.names = "-v,--verbose",
     .kind = Kind::flag,
     .commands = report_commands,
     .group = Group::report,
     .help = "List healthy repos, and each finding by itself",
     .manual = "List healthy repos and every finding by itself.",
     .excludes = "--quiet",
     .wordings = {{.commands = of_merge,
                   .manual = "List the reports and the healthy caches one by one, and every "
                             "finding by itself."},
                  {.commands = of_preflight,
                   .help = "Print a line for each repo that passes, and one before CMD starts",
                   .manual = "Print a line for each repo that passes, and one before\n.Ar CMD\n"
                             "starts.\nIn a report, list healthy repos and every finding by "
                             "itself."}}},
    {.names = "--color",
     .kind = Kind::choice,
     .commands = report_commands,
     .group = Group::report,
     .help = "Use colours; auto follows NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE",
     .manual = R"(.Cm auto ,
the default, uses colours on a terminal, unless
.Ev NO_COLOR
is set, and elsewhere if
.Ev FORCE_COLOR
is; see
.Xr hfaudit 1 .)",
     .choices = "auto|always|never",
     .initial = "auto"},
    {.names = "--fail-on",
     .kind = Kind::choice,
     // without preflight, whose gate is independent of severities
     .commands = audit_commands | of_pull | of_merge,
     .group = Group::report,
     .help = "Least severity that makes the exit code 1",
     .manual = "The least severity that makes the exit code 1; {} by default.",
     .choices = "error|warning|never",
     .initial = "error"},
};

// Of the program itself, too.
inline constexpr Option general_options[] = {
    {.names = "-h,--help",
     .kind = Kind::flag,
     .commands = all_commands,
     .group = Group::general,
     .help = "Print this help",
     .manual = "Print a summary of the options."},
    {.names = "--version",
     .kind = Kind::flag,
     .commands = all_commands,
     .group = Group::general,
     .help = "Print the version",
     .manual = "Print the version."},
};

}  // namespace hfaudit::cli
