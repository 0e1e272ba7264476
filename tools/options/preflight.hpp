// The options of preflight alone.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option preflight_options[] = {
    {.names = "--check",
     .kind = Kind::choice,
     .commands = of_preflight,
     .help = "Depth: metadata, structure [the default], sample or full",
     .manual = R"(The depth of the check.
.Cm metadata
compares names, and sizes if a listing gives them;
.Cm structure ,
the default, also reads headers and indices;
.Cm sample
also hashes files that are chosen at random, up to a gigabyte of them, or one that is
larger;
.Cm full
hashes all files.)",
     .value = "DEPTH",
     .choices = "metadata|structure|sample|full",
     .initial = "structure"},
    {.names = "--for",
     .kind = Kind::choice,
     .commands = of_preflight,
     .help = "Also require the files of this loader: transformers, vllm, llama.cpp, …",
     .manual =
         R"(Also require the files that this loader reads: a configuration, a tokenizer or
processor, the code that
.Ql auto_map
names, the base model of an adapter.
.Cm tokenizer
and
.Cm datasets
need no weights.
Without this option weights are required, and the files that the repo's own manifests list.)",
     .value = "LOADER",
     .choices = "transformers|sentence-transformers|diffusers|peft|onnxruntime|llama.cpp|mlx|"
                "ctranslate2|vllm|sglang|tgi|tokenizer|datasets"},
    {.names = "--require",
     .kind = Kind::pattern,
     .commands = of_preflight,
     .help = "Require a matching file; may be repeated",
     .manual = "Require at least one matching file.\nMay be repeated; each pattern needs a match.",
     .value = "GLOB",
     .repeatable = true,
     .check = why_empty,
     .blank_separated = true},
    {.names = "--wait",
     .kind = Kind::duration,
     .commands = of_preflight,
     .help = "Wait up to this time for another process's download: 90s, 10m, 2h",
     .manual = R"(Wait up to this time
.Pq Li 90s , 10m , 2h
while another process downloads, with lines of progress on standard error.
The wait ends when the download is complete, or a few seconds after the other process has
ended.)",
     .value = "TIME",
     .initial = "0",
     .example = "90s or 10m"},
    {.names = "--strict",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Require all files of the listing, not a subset",
     .manual = R"(Require all files of the listing.
Without a listing this cannot be proven: exit code 3;
.Fl -online
asks the Hub for it.)"},
    {.names = "--repair",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Download missing and damaged files, one process at a time",
     .manual = R"(Download missing files and repair the damage, as
.Xr hfaudit-repair 1
and
.Xr hfaudit-pull 1
do.
Of several processes that share a cache one does it; the others wait, and then scan
the result.
Ownership is left unchanged.
With
.Ev HF_HUB_OFFLINE
only damage that needs no download is repaired.
If the Hub does not answer, requests are retried with the backoff of a pull, for hours by
default;
.Fl -max-attempts 1
makes that short.)"},
    {.names = "--online",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Ask the Hub too: existence, access to gated repos, disk space",
     .manual =
         R"(First ask the Hub, in a few requests of a few seconds: do repo and revision exist, is
the gate open for this token, is there room for the missing files?
A Hub that cannot be reached is exit code 3, never
.Dq not found .
The cache is compared with the Hub's listing of the same commit;
a branch that has moved on is reported only with
.Fl v .)"},
    {.names = "--offline-env",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Start CMD with HF_HUB_OFFLINE=1 and similar variables",
     .manual = R"(Start the command with
.Ev HF_HUB_OFFLINE ,
.Ev TRANSFORMERS_OFFLINE
and
.Ev HF_DATASETS_OFFLINE
set to 1, so that it loads the checked files without requests to the Hub.)"},
    {.names = "--print-path",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Print the folder of each snapshot, a line each",
     .manual = R"(Print the folder of each snapshot on standard output, a line each in the order of
the
.Ar REPO Ns s ,
and no other text there.)"},
};

}  // namespace hfaudit::cli
