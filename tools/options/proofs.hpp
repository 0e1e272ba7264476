// Lock files and ledgers: the options of all commands that use them.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

// Lock files.
inline constexpr Option lock_options[] = {
    {.names = "--locked",
     .kind = Kind::file,
     .commands = of_scan | of_verify | of_scrub | of_repair | of_pull | of_preflight,
     .help = "Lock file with the expected commits and files; hfaudit-lock(1)",
     .manual = R"(The lock file
.Ar file ,
written by
.Xr hfaudit-lock 1 ,
lists the expected commits and files with their digests.
It takes precedence over the listings in the cache and of the Hub.
Without a
.Ar REPO ,
all repos of the lock file; an absent one is incomplete.)",
     .value = "FILE"},
    {.names = "-o,--output",
     .kind = Kind::file,
     .commands = of_lock,
     .help = "Write the lock file to FILE; standard output by default",
     .manual = R"(Write to
.Ar file ,
which is replaced in one step, in place of standard output.)",
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
     .help = "Ask the Hub for the revisions of the lock file; print the changes, then write it",
     .manual = R"(Read the lock file that
.Fl -output
names, ask the Hub for the present commits of its revisions, print the changes, and
write it.
With a
.Ar REPO ,
only this one.)"},
};

// Proofs that outlast the run.
inline constexpr Option ledger_options[] = {
    {.names = "--max-age",
     .kind = Kind::duration,
     .commands = of_verify | of_scrub | of_repair | of_preflight,
     .help = "Accept proofs of earlier runs up to this age: 7d, 12h",
     .manual = R"(Files that an earlier run has proven within this time
.Pq Li 7d , 12h
and that are unchanged since are skipped; the others are read, oldest proof first.
See
.Xr hfaudit-ledger 7
for the changes that end a proof.
Without this option everything is read.)",
     .value = "TIME",
     .example = "7d or 12h",
     .check = why_no_age,
     .wordings = {{.commands = of_scrub,
                   .help = "Read files whose last proof is older than this; 30d",
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
files that an earlier run has proven within this time
.Pq Li 7d , 12h
and that are unchanged since are skipped.
See
.Xr hfaudit-ledger 7 .)"}}},
    {.names = "--ledger",
     .kind = Kind::directory,
     .commands = of_verify | of_scrub | of_repair | of_pull | of_preflight,
     .help = "Folder of the proofs, or cache to keep them beside the content",
     .manual = R"(The folder in which proofs of content are kept,
.Pa $XDG_STATE_HOME/hfaudit/ledger
by default.
With
.Cm cache
they lie beside the content, a file for each user, so that machines that share a
cache share them; those of root and of the cache's owner are accepted, too.
See
.Xr hfaudit-ledger 7 .)",
     .value = "FOLDER|cache"},
};

}  // namespace hfaudit::cli
