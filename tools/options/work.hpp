// The options of single commands: what a verify reads, a repair does, a pull downloads, a preflight
// asks for, and how a watch waits.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option verify_options[] = {
    {.names = "--subset",
     .kind = Kind::text,
     .commands = of_verify | of_scrub,
     .help = "Read the n-th of t even parts, or so much at random",
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
The parts belong together only while the cache stays as it is; reports say by
.Va verified.subset.listing
what was divided.
A share or an amount
.Pq Li 10% , 50G
is chosen anew at random each time.)",
     .value = "n/t|10%|50G",
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
     .help = "Stop reading after so long; the rest is not proven",
     .manual = R"(Stop reading after so long:
.Li 90s ,
.Li 2h ,
.Li 1h30m .
Files that were not read to the end by then are not proven, and the exit code is
3.)",
     .value = "TIME",
     .example = "90s or 2h",
     .wordings = {{.commands = of_scrub, .manual = R"(Stop reading after so long:
.Li 90s ,
.Li 2h ,
.Li 1h30m .
That is no failure: the next run goes on with the files that are left.)"}}},
};

// Lock files.
inline constexpr Option lock_options[] = {
    {.names = "--locked",
     .kind = Kind::file,
     .commands = of_scan | of_verify | of_scrub | of_repair | of_pull | of_preflight,
     .help = "The lock file says which commits and files there should be; hfaudit-lock(1)",
     .manual = R"(The lock file
.Ar file ,
written by
.Xr hfaudit-lock 1 ,
says which commits and files there should be, to the byte.
It is stronger than all that lies in the cache and than the Hub.
Without a
.Ar REPO ,
all repos of the lock file; one that is not here is incomplete.)",
     .value = "FILE",
     .from_environment = of_preflight},
    {.names = "-o,--output",
     .kind = Kind::file,
     .commands = of_lock,
     .help = "Write the lock file to FILE; standard output by default",
     .manual = R"(Write to
.Ar file ,
which is there as a whole or not at all, in place of standard output.)",
     .value = "FILE"},
    {.names = "--format",
     .kind = Kind::choice,
     .commands = of_lock,
     .help = "json, or sha256sum for coreutils",
     .manual = R"(.Cm json
is the lock file;
.Cm sha256sum
is a list for
.Ql sha256sum --check ,
to be run in the hub folder.)",
     .choices = "json|sha256sum",
     .initial = "json"},
    {.names = "--update",
     .kind = Kind::flag,
     .commands = of_lock,
     .help = "Ask the Hub for the revisions of the lock file; print what changes, then write it",
     .manual = R"(Read the lock file that
.Fl -output
names, ask the Hub which commits its revisions name today, print what changes, and write
it.
With a
.Ar REPO ,
only that one.)"},
};

// Proofs that outlast the run.
inline constexpr Option ledger_options[] = {
    {.names = "--max-age",
     .kind = Kind::duration,
     .commands = of_verify | of_scrub | of_repair | of_preflight,
     .help = "Believe proofs of earlier runs up to this age: 7d, 12h",
     .manual = R"(Files that an earlier run has proven at most so long ago
.Pq Li 7d , 12h
and that have not changed since are not read; the others are, oldest proof first.
See
.Xr hfaudit-ledger 7
for what counts as a change.
Without this option everything is read.)",
     .value = "TIME",
     .example = "7d or 12h",
     .from_environment = of_preflight,
     .wordings = {{.commands = of_scrub,
                   .help = "Read what was last proven longer ago than this; 30d",
                   .manual =
                       R"(Read the files whose last proof is older than this, and those without
one.
30 days
.Pq Li 30d
by default.)"},
                  {.commands = of_preflight, .manual = R"(With
.Fl -check Cm full
or
.Cm sample :
files that an earlier run has proven at most so long ago
.Pq Li 7d , 12h
and that have not changed since are not read.
See
.Xr hfaudit-ledger 7 .)"}}},
    {.names = "--ledger",
     .kind = Kind::directory,
     .commands = of_verify | of_scrub | of_repair | of_pull | of_preflight,
     .help = "Where proofs are kept: a folder, or cache for beside the content",
     .manual = R"(The folder in which proofs of content are kept,
.Pa $XDG_STATE_HOME/hfaudit/ledger
by default.
With
.Cm cache
they lie beside the content, a file for each user, so that machines that share a
cache share them; those of root and of the cache's owner are believed, too.
See
.Xr hfaudit-ledger 7 .)",
     .value = "FOLDER|cache",
     .from_environment = of_preflight},
};

inline constexpr Option repair_options[] = {
    {.names = "--dry-run",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Only say what would be done; write nothing",
     .manual = "Print the plan and stop.\nNothing is written."},
    {.names = "--verify",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Hash all content too, so that silent corruption is repaired",
     .manual = "Hash all content in the audits, so that silent corruption is found and repaired."},
    {.names = "--offline",
     .kind = Kind::flag,
     .commands = of_repair,
     .help = "Download nothing",
     .manual = "Download nothing; so does\n.Ev HF_HUB_OFFLINE ."},
    {.names = "--only",
     .kind = Kind::text,
     .commands = of_repair,
     .help = "Only these: ownership, locks, partials, entries, refs, content, orphans",
     .manual = "Carry out only the actions of these groups.\nSee\n.Sx Groups .",
     .value = "GROUP",
     .choices = "ownership|locks|partials|entries|refs|content|orphans",
     .repeatable = true,
     .separator = ',',
     .check = why_no_repair_group},
    {.names = "--skip",
     .kind = Kind::text,
     .commands = of_repair,
     .help = "Not these",
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
     .help = "Let root do what needs root, by this program",
     .manual = R"(Have
.Cm sudo , pkexec No or Cm doas
run this program for what needs root, and then go on as the user.)",
     .value = "sudo|pkexec|doas:{sudo,pkexec,doas}",
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
     .help = "Only say what would be downloaded",
     .manual = R"(Print which files would be pulled, how much of them is here and how much is not.
Nothing is written.)",
     .excludes = "--validate-only"},
    {.names = "--validate-only",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Download nothing; what is not there as the Hub has it is damage",
     .manual = R"(Download nothing, and audit what is here against what the Hub lists: what is
missing is damage, with exit code 1.)",
     .excludes = "--dry-run"},
    {.names = "--trust-present",
     .kind = Kind::flag,
     .commands = of_pull,
     .help = "Do not hash files that are there in their right size",
     .manual =
         "Do not hash a file that is there in its right size.\nIt is then as right as it was."},
    {.names = "--notify",
     .kind = Kind::target,
     .commands = of_pull,
     .help = "Tell how it ended: an http(s) URL, matrix:ROOM or exec:COMMAND; may be repeated; "
             "hfaudit-notify(7)",
     .manual = R"(At the end, tell the outcome to a URL, a Matrix room or a command; see
.Xr hfaudit-notify 7 .
May be repeated.
A notification that fails is reported on standard error, and changes nothing else.)",
     .value = "TARGET",
     .repeatable = true},
};

inline constexpr Option preflight_options[] = {
    {.names = "--check",
     .kind = Kind::choice,
     .commands = of_preflight,
     .help = "metadata, structure [the default], sample or full",
     .manual = R"(How closely to look.
.Cm metadata
looks at names, and at sizes where a listing gives them;
.Cm structure ,
the default, also reads headers and indices;
.Cm sample
also hashes files that are chosen at random, up to a gigabyte of them, or one that is
larger;
.Cm full
hashes all.)",
     .value = "DEPTH",
     .choices = "metadata|structure|sample|full",
     .initial = "structure",
     .from_environment = of_preflight},
    {.names = "--for",
     .kind = Kind::choice,
     .commands = of_preflight,
     .help = "Also what this loader needs: transformers, vllm, llama.cpp, …",
     .manual =
         R"(Also require what this loader reads before it computes anything: a configuration, a
tokenizer or processor, the code that
.Ql auto_map
names, the base model of an adapter.
.Cm tokenizer
and
.Cm datasets
need no weights.
Without this option weights are required, and the files that the repo's own manifests name.)",
     .value = "LOADER",
     .choices = "transformers|sentence-transformers|diffusers|peft|onnxruntime|llama.cpp|mlx|"
                "ctranslate2|vllm|sglang|tgi|tokenizer|datasets",
     .from_environment = of_preflight},
    {.names = "--require",
     .kind = Kind::pattern,
     .commands = of_preflight,
     .help = "A file that matches must be here; may be repeated",
     .manual = "At least one file that matches must be here.\nMay be repeated; then of each.",
     .value = "GLOB",
     .repeatable = true,
     .check = why_empty,
     .from_environment = of_preflight},
    {.names = "--wait",
     .kind = Kind::duration,
     .commands = of_preflight,
     .help = "Wait so long for somebody else's download: 90s, 10m, 2h",
     .manual = R"(Wait so long
.Pq Li 90s , 10m , 2h
while another process really downloads, with lines of progress on standard error.
It ends at once when that is complete, and within seconds when the other process has
died.)",
     .value = "TIME",
     .initial = "0",
     .example = "90s or 10m",
     .from_environment = of_preflight},
    {.names = "--strict",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "All files of the listing must be here, not a subset",
     .manual = R"(All that the listing has must be here.
Where there is no listing, that cannot be proven: exit code 3;
.Fl -online
asks the Hub for it.)",
     .from_environment = of_preflight},
    {.names = "--repair",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Download what is missing or wrong, one process at a time",
     .manual = R"(Download what is missing, and repair what is wrong, as
.Xr hfaudit-repair 1
and
.Xr hfaudit-pull 1
do.
Of several that share a cache one does it; the others wait for that, and then scan
for themselves.
Ownership is left alone.
With
.Ev HF_HUB_OFFLINE
only what needs no download is repaired.
A Hub that does not answer is asked again and again, for hours by default, as a pull
does;
.Fl -max-attempts 1
makes that short.)",
     .from_environment = of_preflight},
    {.names = "--online",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Ask the Hub too: is it there, is its gate open, is there room?",
     .manual =
         R"(First ask the Hub, in a few requests of a few seconds: do repo and revision exist, is
the gate open for this token, is there room for what is missing?
A Hub that cannot be reached is exit code 3, never
.Dq not found .
What is here is compared with the Hub's listing of the same commit;
that a branch has moved on is told only with
.Fl v .)",
     .from_environment = of_preflight},
    {.names = "--offline-env",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Start CMD with HF_HUB_OFFLINE=1 and its kind",
     .manual = R"(Start the command with
.Ev HF_HUB_OFFLINE ,
.Ev TRANSFORMERS_OFFLINE
and
.Ev HF_DATASETS_OFFLINE
set to 1, so that it loads what has been checked and asks no Hub.)",
     .from_environment = of_preflight},
    {.names = "--print-path",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Print the folder of each snapshot, a line each",
     .manual = R"(Print the folder of each snapshot on standard output, a line each in the order of
the
.Ar REPO Ns s ,
and nothing else there.)",
     .from_environment = of_preflight},
};

inline constexpr Option watch_options[] = {
    {.names = "--interval",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "Between two lines in a log; {}",
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
     .help = "How long nobody is at work and nothing grows before it is over; {}",
     .manual =
         R"(The download counts as over when no process has worked on it and nothing has changed
for so long; {} seconds by default.)",
     .value = "SECONDS",
     .initial = "15",
     .example = "30 or 5m"},
    {.names = "--wait",
     .kind = Kind::duration,
     .commands = of_watch,
     .help = "How long to wait for somebody to begin; {}",
     .manual =
         R"(How long to wait for a download to begin, also where the repo does not exist yet; by
default the verdict comes at once where no process is at work.)",
     .value = "SECONDS",
     .initial = "0",
     .example = "30 or 5m"},
};

}  // namespace hfaudit::cli
