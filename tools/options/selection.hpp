// The options that say what to scan, and the arguments of all commands.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option selection_options[] = {
    {.names = "REPO",
     .kind = Kind::repo,
     .commands = of_cache,
     .group = Group::arguments,
     .help = "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…; all of "
             "the cache without one",
     .repeatable = true,
     .from_environment = of_preflight,
     .blank_separated = true,
     .wordings =
         {{.commands = of_pull | of_watch,
           .help = "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…"}}},
    {.names = "REPORT",
     .kind = Kind::file,
     .commands = of_merge,
     .group = Group::arguments,
     .help = "Written with --format json or ndjson; - is standard input",
     .repeatable = true,
     .required = true},
    {.names = "ID",
     .kind = Kind::finding,
     .commands = of_explain,
     .group = Group::arguments,
     .help = "incomplete-download and the like; all of them without one",
     .repeatable = true},
    {.names = "--repo-type,--type",
     .kind = Kind::text,  // text instead of a choice, since the plural is a type too
     .commands = of_cache,
     .group = Group::selection,
     .help = "The type of a REPO that names none",
     .manual = "The type of a\n.Ar REPO\nthat names none;\n.Cm {}\nby default.",
     .choices = "model|dataset|space|kernel",
     .initial = "model",
     .check = why_no_repo_type},
    {.names = "--revision",
     .kind = Kind::text,
     .commands = of_cache,
     .group = Group::selection,
     .help = "The revision of a REPO that names none",
     .manual = "The revision of a\n.Ar REPO\nthat names none.",
     .value = "REV"},
    {.names = "--include",
     .kind = Kind::pattern,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Expect only the files that match; may be repeated",
     .manual = R"(Expect only the files that match.
One pattern an option; may be repeated, as for
.Ql hf download .)",
     .value = "PATTERN",
     .repeatable = true,
     .wordings = {{.commands = of_pull,
                   .help = "Only the files that match; may be repeated",
                   .manual = R"(Download only the files that match.
One pattern an option; may be repeated, as for
.Ql hf download .)"},
                  {.commands = of_export,
                   .help = "Only the files that match; may be repeated",
                   .manual = R"(Export only the files that match.
One pattern an option; may be repeated, as for
.Ql hf download .)"}}},
    {.names = "--exclude",
     .kind = Kind::pattern,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Do not expect the files that match; may be repeated",
     .manual = "Do not expect the files that match.\nMay be repeated.",
     .value = "PATTERN",
     .repeatable = true,
     .wordings = {{.commands = of_pull,
                   .help = "Not the files that match; may be repeated",
                   .manual = "Do not download the files that match.\nMay be repeated."},
                  {.commands = of_export,
                   .help = "Not the files that match; may be repeated",
                   .manual = "Do not export the files that match.\nMay be repeated."}}},
    {.names = "--cache-dir",
     .kind = Kind::directory,
     .commands = of_cache,
     .group = Group::selection,
     .help = "The hub cache; nothing else is scanned",
     .manual = "The hub cache.\nIt alone is scanned: no xet folder, no tokens.",
     .value = "DIR",
     .wordings = {{.commands = of_pull,
                   .help = "The hub cache to download to",
                   .manual = "The hub cache to download to."}}},
    {.names = "--hf-home",
     .kind = Kind::directory,
     .commands = of_cache,
     .group = Group::selection,
     .help = "The whole home: hub, xet, datasets, tokens",
     .manual = "The whole home.\nThe variables that move its parts are then ignored.",
     .value = "DIR",
     .wordings = {{.commands = of_pull, .help = "The whole home: hub, tokens"}}},
    {.names = "--local-dir",
     .kind = Kind::directory,
     .commands = of_folder,
     .group = Group::selection,
     .help = "A folder that was downloaded to with --local-dir",
     .manual = "A folder that was downloaded to with\n.Ql hf download --local-dir ,\nor any "
               "folder with a model.\nA git clone is judged by the commit that it has checked out, "
               "if git is installed and the clone belongs to who runs this.",
     .value = "DIR",
     .wordings = {{.commands = of_pull,
                   .help = "Download the files of one REPO into this folder, not into the cache",
                   .manual = "Download the files of one\n.Ar REPO\nas plain files into this "
                             "folder, not into the cache."},
                  {.commands = of_preflight,
                   .help = "Check this folder, as a server that is given a path loads it",
                   .manual = "Check this folder in place of a repo in the cache, as a server that "
                             "is given a path loads it: a\n.Ql hf download --local-dir\ndownload, "
                             "a git clone, or any folder with a model."}}},
    {.names = "--owner",
     .kind = Kind::user,
     .commands = audit_commands | of_pull,  // a preflight tries what this process may read
     .group = Group::selection,
     .help = "User that must be able to read and write the cache [default: the current user; as "
             "root, its owner]",
     .manual = "User that must be able to read and write the cache; by default the one who runs "
               "this, as root the owner of its folder.",
     .value = "USER[:GROUP]"},
    {.names = "--online",
     .kind = Kind::flag,
     .commands = audit_commands,
     .group = Group::selection,
     .help = "Compare with the Hub too, at the commits that are here",
     .manual = R"(Ask the Hub what should be there: of the commits that refs name, or of the one
that was asked for.
Its listing is the strongest basis there is.
.Ev HF_ENDPOINT ,
.Ev HF_TOKEN
and the variables for proxies and certificates count as for the clients.
What the Hub refuses makes the exit code 4, a Hub that cannot be reached 3.)",
     .wordings = {{.commands = of_watch,
                   .manual = "Ask the Hub for the total, and compare with it in the end.\nThere is "
                             "no network otherwise."}}},
    {.names = "--jobs",
     .kind = Kind::number,
     .commands = audit_commands,
     .group = Group::selection,
     .help = "Number of threads ({} = automatic)",
     .manual = "The number of threads; {}, the default, is automatic.",
     .value = "N",
     .initial = "0",
     .bounds = {0, 1024},
     .wordings = {{.commands = of_verify,
                   .manual = "The number of threads that read; {}, the default, is automatic."}}},
};

}  // namespace hfaudit::cli
