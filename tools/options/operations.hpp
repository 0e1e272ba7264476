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
It is gone only if this run would have raised it: findings that other REPOs, other
patterns, a scan after a verify or an unreadable folder leave out are counted as
unchecked.
If the file does not exist yet, all findings are new, and the report notes it.
It is read before the report is written, so
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
only new and worse findings are printed.)"},
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
The file is replaced in one step and readable by all, also if the run ends
with an error.
Each series has the labels
.Va command
and
.Va cache ,
and
.Va asked
if REPOs were named.
Use one file for each command and set of REPOs.)",
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
