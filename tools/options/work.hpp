// The options of verify, scrub, repair, pull and watch alone.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option verify_options[] = {
    {.names = "--subset",
     .kind = Kind::text,
     .commands = of_verify | of_scrub,
     .help = "Read the n-th of t even parts, or a random share or amount",
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
the environment of the task gives its part: in Slurm
.Ev SLURM_ARRAY_TASK_ID
and related variables, in an indexed Job of Kubernetes
.Ev JOB_COMPLETION_INDEX
and
.Ev HFAUDIT_SUBSET_OF ,
the number of parts.
In Slurm, too,
.Ev HFAUDIT_SUBSET_OF
is needed where only some tasks are submitted again; their ids are then the
parts, from 1 on.
The parts belong together only if the cache is unchanged between them;
.Va verified.subset.listing
in a report identifies the divided list.
A share or an amount
.Pq Li 10% , 50G
is chosen anew at random each time.)",
     .value = "n/t|array|10%|50G",
     .check = why_no_subset},
    {.names = "--max-rate",
     .kind = Kind::bytes,
     .commands = of_verify | of_scrub,
     .help = "Read at most this much per second, over all threads",
     .manual = "Read at most this much per second, over all threads:\n.Li 200M .",
     .value = "BYTES",
     .example = "200M"},
    {.names = "--max-duration",
     .kind = Kind::duration,
     .commands = of_verify | of_scrub,
     .help = "Stop reading after this time; the rest is unproven",
     .manual = R"(Stop reading after this time:
.Li 90s ,
.Li 2h ,
.Li 1h30m .
Files that were not read to the end by then are not proven, and the exit code is
3.)",
     .value = "TIME",
     .example = "90s or 2h",
     .bounds = {1},
     .wordings = {{.commands = of_scrub, .manual = R"(Stop reading after this time:
.Li 90s ,
.Li 2h ,
.Li 1h30m .
The exit code stays the same: the next run resumes with the remaining files.)"}}},
};

inline constexpr Option repair_options[] = {
    {.names = "--dry-run",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Print the plan; write nothing",
     .manual = "Print the plan and stop.\nNothing is written."},
    {.names = "--verify",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Hash all content too, so that silent corruption is repaired",
     .manual = "Hash all content in the audits, so that silent corruption is found and repaired."},
    {.names = "--only",
     .kind = Kind::text,
     .commands = of_repair,
     .help = "Only the groups ownership, locks, partials, entries, refs, content, orphans",
     .manual = "Carry out only the actions of these groups.\nSee\n.Sx Groups .",
     .value = "GROUP",
     .choices = "ownership|locks|partials|entries|refs|content|orphans",
     .repeatable = true,
     .separator = ',',
     .check = why_no_repair_group},
    {.names = "--skip",
     .kind = Kind::text,
     .commands = of_repair,
     .help = "Not the actions of these groups",
     .manual = "Carry out no action of these groups.",
     .value = "GROUP",
     .choices = "ownership|locks|partials|entries|refs|content|orphans",
     .repeatable = true,
     .separator = ',',
     .check = why_no_repair_group},
    {.names = "--idle-locks",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Also remove lock files that no process holds",
     .manual = R"(Also remove lock files that block no process, each only while hfaudit holds it and
no other process has it open.)"},
    {.names = "--break-locks",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Also break the locks of stalled downloads",
     .manual = R"(Remove the locks of stalled downloads, so that other downloads can proceed.
The process is left running.)"},
    {.names = "--elevate",
     .kind = Kind::choice,
     .commands = of_repair,
     .help = "Run this program as root for the actions that need root",
     .manual = R"(Have
.Cm sudo , pkexec No or Cm doas
run this program for the actions that need root, and do the rest as the user.)",
     .choices = "sudo|pkexec|doas"},
    {.names = "--list-quarantine",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "List the quarantined files, and do nothing else",
     .manual =
         R"(List the files that repairs and pulls have moved to the quarantine, with their former
paths and the reasons, and do nothing else.)"},
};

inline constexpr Option pull_options[] = {
    {.names = "--models-from",
     .kind = Kind::file,
     .commands = of_pull,
     .help = "List of REPOs, one a line, # for comments; - is standard input",
     .manual = R"(Pull the repos of this list too: one
.Ar REPO
a line, as on the command line.
Blank lines are ignored, and so is text after a
.Ql # .
.Ql -
is standard input.
May be repeated; a repo that is named twice is pulled once.)",
     .value = "FILE",
     .repeatable = true},
    {.names = "--dry-run",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Print the files that would be downloaded; write nothing",
     .manual = R"(Print which files would be pulled, how much of them is here and how much is not.
Nothing is written.)",
     .excludes = "--validate-only"},
    {.names = "--validate-only",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Download nothing; any difference from the Hub is damage",
     .manual = R"(Download nothing, and audit the cache against the listing of the Hub: a missing
file is damage, with exit code 1.)",
     .excludes = "--dry-run"},
    {.names = "--trust-present",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Do not hash present files of the right size",
     .manual = "Do not hash a present file of the right size.\nIts content is then unchecked."},
    {.names = "--notify",
     .kind = Kind::target,
     .commands = of_pull,
     .help = "Notify of the outcome: an http(s) URL, matrix:ROOM or exec:COMMAND; may be repeated; "
             "hfaudit-notify(7)",
     .manual = R"(At the end, send the outcome to a URL, a Matrix room or a command; see
.Xr hfaudit-notify 7 .
May be repeated.
A failed notification is reported on standard error and leaves the exit code unchanged.)",
     .value = "TARGET",
     .repeatable = true},
};

inline constexpr Option watch_options[] = {
    {.names = "--interval",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "Time between two lines in a log; {}",
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
     .help = "Time without a process or a change after which the download is over; {}",
     .manual =
         R"(The download counts as over when no process has worked on it and no file has changed
for this time; {} seconds by default.)",
     .value = "SECONDS",
     .initial = "15",
     .example = "30 or 5m"},
    {.names = "--wait",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "Time to wait for a download to begin; {}",
     .manual =
         R"(The time to wait for a download to begin, also if the repo does not exist yet; by
default the verdict comes at once if no process is downloading.)",
     .value = "SECONDS",
     .initial = "0",
     .example = "30 or 5m"},
};

}  // namespace hfaudit::cli
