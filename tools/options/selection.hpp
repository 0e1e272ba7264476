// Options of the selection, and the arguments of all commands.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option selection_options[] = {
    {.names = "REPO",
     .kind = Kind::repo,
     .commands = of_cache,
     .group = Group::arguments,
     .help = "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…; default: "
             "the whole cache",
     .repeatable = true,
     .from_environment = of_preflight,
     .blank_separated = true,
     .wordings =
         {{.commands = of_watch | of_preflight | of_lock | of_export,
           .help = "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…"},
          {.commands = of_pull,
           .help = "org/name, name, org/name@revision, datasets/…, spaces/…, kernels/…, hf://…; "
                   "files of the first REPO may follow it"}}},
    {.names = "REPORT",
     .kind = Kind::file,
     .commands = of_merge,
     .group = Group::arguments,
     .help = "Report in the format json or ndjson; - is standard input",
     .repeatable = true,
     .required = true},
    {.names = "ID",
     .kind = Kind::finding,
     .commands = of_explain,
     .group = Group::arguments,
     .help = "Id of a finding, such as incomplete-download; default: all",
     .repeatable = true},
    {.names = "--repo-type,--type",
     .kind = Kind::text,  // text instead of a choice, since the plural is a type too
     .commands = of_cache,
     .group = Group::selection,
     .help = "Type of a REPO without a prefix",
     .manual = "The type of a\n.Ar REPO\nwithout a prefix;\n.Cm {}\nby default.",
     .choices = "model|dataset|space|kernel",
     .initial = "model",
     .check = why_no_repo_type},
    {.names = "--revision",
     .kind = Kind::text,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Revision of a REPO without @revision",
     .manual = "The revision of a\n.Ar REPO\nwithout\n.Li @revision .",
     .value = "REV"},
    {.names = "--include",
     .kind = Kind::pattern,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Expect only matching files; may be repeated",
     .manual = R"(Expect only the files that match.
One pattern an option; may be repeated, as for
.Ql hf download .)",
     .value = "PATTERN",
     .repeatable = true,
     .wordings = {{.commands = of_pull,
                   .help = "Only matching files; may be repeated",
                   .manual = R"(Download only the files that match.
One pattern an option; may be repeated, as for
.Ql hf download .)"},
                  {.commands = of_export,
                   .help = "Only matching files; may be repeated",
                   .manual = R"(Export only the files that match.
One pattern an option; may be repeated, as for
.Ql hf download .)"}}},
    {.names = "--exclude",
     .kind = Kind::pattern,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Do not expect matching files; may be repeated",
     .manual = "Do not expect the files that match.\nMay be repeated.",
     .value = "PATTERN",
     .repeatable = true,
     .wordings = {{.commands = of_pull,
                   .help = "Omit matching files; may be repeated",
                   .manual = "Do not download the files that match.\nMay be repeated."},
                  {.commands = of_export,
                   .help = "Omit matching files; may be repeated",
                   .manual = "Do not export the files that match.\nMay be repeated."}}},
    {.names = "--cache-dir",
     .kind = Kind::directory,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Hub cache; only this folder is scanned",
     .manual = "The hub cache.\nIt alone is scanned: no xet folder, no tokens.",
     .value = "DIR",
     .wordings = {{.commands = of_pull,
                   .help = "Hub cache to download to",
                   .manual = "The hub cache to download to."}}},
    {.names = "--hf-home",
     .kind = Kind::directory,
     .commands = of_cache,
     .group = Group::selection,
     .help = "Home of the caches: hub, xet, datasets, tokens",
     .manual = "The whole home.\nThe variables that move its parts are then ignored.",
     .value = "DIR",
     .wordings = {{.commands = of_pull, .help = "Home of the cache: hub, tokens"}}},
    {.names = "--local-dir",
     .kind = Kind::directory,
     .commands = of_folder,
     .group = Group::selection,
     .help = "Folder of a download with --local-dir, or any folder with a model",
     .manual = "A folder that was downloaded to with\n.Ql hf download --local-dir ,\nor any "
               "folder with a model.\nA git clone is judged by the commit that it has checked out, "
               "if git is installed and the clone belongs to the user.",
     .value = "DIR",
     .wordings = {{.commands = of_pull,
                   .help = "Download the files of one REPO into this folder, not into the cache",
                   .manual = "Download the files of one\n.Ar REPO\nas plain files into this "
                             "folder, not into the cache."},
                  {.commands = of_preflight,
                   .help = "Check this folder in place of a repo in the cache",
                   .manual = "Check this folder in place of a repo in the cache, as a server that "
                             "is given a path loads it: a\n.Ql hf download --local-dir\ndownload, "
                             "a git clone, or any folder with a model."}}},
    {.names = "--owner",
     .kind = Kind::user,
     .commands = audit_commands | of_pull,  // a preflight tries to read the files itself
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
     .help = "Compare with the Hub too, at the commits in the cache",
     .manual = R"(Ask the Hub for the files of the commits that refs name, or of the requested
revision.
Its listing is the strongest basis.
.Ev HF_ENDPOINT ,
.Ev HF_TOKEN
and the variables for proxies and certificates count as for the clients.
A refusal of the Hub makes the exit code 4, a Hub that cannot be reached 3.)",
     .wordings = {{.commands = of_watch,
                   .manual =
                       "Ask the Hub for the total, and compare with it in the end.\nThe network "
                       "is used only with this option."}}},
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
