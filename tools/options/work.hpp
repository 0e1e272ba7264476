// The options of verify, scrub, repair, pull and watch alone.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option verify_options[] = {
    {.names = "--subset",
     .kind = Kind::text,
     .commands = of_verify | of_scrub,
     .help = "Read part n of t, or a random share or amount",
     .manual = R"(.Ar n Ns / Ns Ar t
reads the
.Ar n Ns th
of
.Ar t
parts.
The parts are even by bytes, and together hold every file exactly once, whichever
machine reads which: for the tasks of a Slurm array or a Kubernetes Job.
.Xr hfaudit-merge 1
makes one report of theirs.
With
.Cm array
the task itself says which part it is: in Slurm by
.Ev SLURM_ARRAY_TASK_ID
and its kind, in an indexed Job of Kubernetes by
.Ev JOB_COMPLETION_INDEX
and
.Ev HFAUDIT_SUBSET_OF ,
the number of parts.
In Slurm, too,
.Ev HFAUDIT_SUBSET_OF
is needed where only some tasks are submitted again; their ids are then the
parts, from 1 on.
The parts belong together only while the cache stays as it is; reports say by
.Va verified.subset.listing
what was divided.
A share or an amount
.Pq Li 10% , 50G
is chosen anew at random each time.)",
     .value = "n/t|array|10%|50G",
     .check = why_no_subset},
    {.names = "--max-rate",
     .kind = Kind::bytes,
     .commands = of_verify | of_scrub,
     .help = "Read no more than this per second, over all threads",
     .manual = "Read no more than this per second, over all threads:\n.Li 200M .",
     .value = "BYTES",
     .example = "200M"},
    {.names = "--max-duration",
     .kind = Kind::duration,
     .commands = of_verify | of_scrub,
     .help = "Time limit for reading; files not read by then are not proven",
     .manual = R"(Stop reading after so long:
.Li 90s ,
.Li 2h ,
.Li 1h30m .
Files that were not read to the end by then are not proven, and the exit code is
3.)",
     .value = "TIME",
     .example = "90s or 2h",
     .bounds = {1},
     .wordings = {{.commands = of_scrub, .manual = R"(Stop reading after so long:
.Li 90s ,
.Li 2h ,
.Li 1h30m .
That is no failure: the next run goes on with the files that are left.)"}}},
};

inline constexpr Option repair_options[] = {
    {.names = "--dry-run",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Show what would be done; write nothing",
     .manual = "Print the plan and stop.\nNothing is written."},
    {.names = "--verify",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Hash all content too, so that silent corruption is repaired",
     .manual = "Hash all content in the audits, so that silent corruption is found and repaired."},
    {.names = "--only",
     .kind = Kind::text,
     .commands = of_repair,
     .help = "Only these groups: ownership, locks, partials, entries, refs, content, orphans",
     .manual = "Carry out only the actions of these groups.\nSee\n.Sx Groups .",
     .value = "GROUP",
     .choices = "ownership|locks|partials|entries|refs|content|orphans",
     .repeatable = true,
     .separator = ',',
     .check = why_no_repair_group},
    {.names = "--skip",
     .kind = Kind::text,
     .commands = of_repair,
     .help = "Not these groups",
     .manual = "Carry out no action of these groups.",
     .value = "GROUP",
     .choices = "ownership|locks|partials|entries|refs|content|orphans",
     .repeatable = true,
     .separator = ',',
     .check = why_no_repair_group},
    {.names = "--idle-locks",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Also remove lock files that block nobody",
     .manual = R"(Also remove lock files that block no process, each only while hfaudit holds it and
no other process has it open.)"},
    {.names = "--break-locks",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Also break the locks of downloads that hang",
     .manual = R"(Remove the locks of downloads that hang, so that others go on beside them.
The process is left alone.)"},
    {.names = "--elevate",
     .kind = Kind::choice,
     .commands = of_repair,
     .help = "Run what needs root through this program",
     .manual = R"(Have
.Cm sudo , pkexec No or Cm doas
run this program for what needs root, and then go on as the user.)",
     .choices = "sudo|pkexec|doas"},
    {.names = "--list-quarantine",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Only list what repairs have moved aside",
     .manual = R"(List what repairs and pulls have moved aside, where it was and why, and do nothing
else.)"},
};

inline constexpr Option pull_options[] = {
    {.names = "--models-from",
     .kind = Kind::file,
     .commands = of_pull,
     .help = "A list of REPOs, one a line, # for comments; - is standard input",
     .manual = R"(Pull the repos of this list too: one
.Ar REPO
a line, as on the command line.
Blank lines are passed over, and so is what follows a
.Ql # .
.Ql -
is standard input.
May be repeated; a repo that is named twice is pulled once.)",
     .value = "FILE",
     .repeatable = true},
    {.names = "--dry-run",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Show what would be downloaded",
     .manual = R"(Print which files would be pulled, how much of them is here and how much is not.
Nothing is written.)",
     .excludes = "--validate-only"},
    {.names = "--validate-only",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Download nothing; report each difference from the Hub as damage",
     .manual = R"(Download nothing, and audit what is here against what the Hub lists: what is
missing is damage, with exit code 1.)",
     .excludes = "--dry-run"},
    {.names = "--trust-present",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Do not hash files that have the right size",
     .manual =
         "Do not hash a file that is there in its right size.\nIt is then as right as it was."},
    {.names = "--notify",
     .kind = Kind::target,
     .commands = of_pull,
     .help = "Send the outcome to an http(s) URL, matrix:ROOM or exec:COMMAND; may be repeated; "
             "hfaudit-notify(7)",
     .manual = R"(At the end, tell the outcome to a URL, a Matrix room or a command; see
.Xr hfaudit-notify 7 .
May be repeated.
A notification that fails is reported on standard error, and changes nothing else.)",
     .value = "TARGET",
     .repeatable = true},
};

inline constexpr Option watch_options[] = {
    {.names = "--interval",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "Seconds between two lines in a log; {}",
     .manual = R"(The time between two lines in a log; {} seconds by default.
.Li 90 ,
.Li 10m
and
.Li 1h30m
are understood, here and below.)",
     .value = "SECONDS",
     .initial = "30",
     .example = "30 or 5m",
     .bounds = {100}},
    {.names = "--grace",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "Time without activity after which the download counts as over; {}",
     .manual =
         R"(The download counts as over when no process has worked on it and nothing has changed
for so long; {} seconds by default.)",
     .value = "SECONDS",
     .initial = "15",
     .example = "30 or 5m"},
    {.names = "--wait",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "How long to wait for a download to begin; {}",
     .manual =
         R"(How long to wait for a download to begin, also where the repo does not exist yet; by
default the verdict comes at once where no process is at work.)",
     .value = "SECONDS",
     .initial = "0",
     .example = "30 or 5m"},
};

}  // namespace hfaudit::cli
