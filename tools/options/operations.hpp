// Options for administrators: the comparison with an earlier report, and metrics.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option operations_options[] = {
    {.names = "--since",
     .kind = Kind::file,
     .commands = of_scan | of_verify | of_scrub | of_merge,
     .group = Group::report,
     .help = "Compare with an earlier JSON report: new, worse, better and gone findings",
     .manual = R"(Compare with an earlier report of the same cache, written with
.Fl -format Cm json
or
.Cm ndjson ,
and print the new, worse, better and gone findings first.
A finding is the same if its id, repo, commit and file, or else etag, are.
It is gone only if this run would have found it: findings that other REPOs, other
patterns, a scan after a verify or an unreadable path leave out are counted as
unchecked.
Where there is no such file yet, everything is new, and the report says so.
It is read before anything is written, so
.Fl -output
may name the same file.)",
     .value = "REPORT"},
    {.names = "--only-new",
     .kind = Kind::flag,
     .commands = of_scan | of_verify | of_scrub | of_merge,
     .group = Group::report,
     .help = "With --since: only new or worse findings make the exit code 1",
     .manual = R"(With
.Fl -since :
only findings that are new or worse make the exit code 1, from the severity of
.Fl -fail-on
on.
The codes 2, 3 and 4 are as without it.
With
.Fl -quiet
only new and worse findings are printed, and repos whose verdict is worse.)"},
    {.names = "--metrics",
     .kind = Kind::file,
     .commands = report_commands,
     .group = Group::report,
     .help = "Write Prometheus text for the node exporter's textfile collector to FILE",
     .manual = R"(Write metrics to
.Ar file
in the text format of Prometheus, for the textfile collector of the node
exporter: repos by verdict, findings by severity and by id, bytes, exit code,
duration, time of the run, age of the oldest proof.
The file is replaced in one step and readable by all, also if the run ends with
an error.
Only a command line or configuration that cannot be read leaves it as it was.
Each series has the labels
.Va command
and
.Va cache ,
and
.Va asked
where REPOs were named.
Use a file for each command and set of REPOs; no other option may name it.)",
     .value = "FILE",
     .check = why_no_metrics_file},
    {.names = "--metrics-per-repo",
     .kind = Kind::flag,
     .commands = report_commands,
     .group = Group::report,
     .help = "With --metrics: add series for each repo",
     .manual = R"(With
.Fl -metrics :
add verdict, bytes and findings of each repo, about seven series a repo.)"},
};

}  // namespace hfaudit::cli
