// The options of preflight alone.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option preflight_options[] = {
    {.names = "--check",
     .kind = Kind::choice,
     .commands = of_preflight,
     .help = "metadata, structure [the default], sample or full",
     .manual = R"(How much to check.
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
     .initial = "structure"},
    {.names = "--for",
     .kind = Kind::choice,
     .commands = of_preflight,
     .help = "Also require what this loader reads: transformers, vllm, llama.cpp, …",
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
                "ctranslate2|vllm|sglang|tgi|tokenizer|datasets"},
    {.names = "--require",
     .kind = Kind::pattern,
     .commands = of_preflight,
     .help = "A file that matches must be here; may be repeated",
     .manual = "At least one file that matches must be here.\nMay be repeated; then of each.",
     .value = "GLOB",
     .repeatable = true,
     .check = why_empty,
     .blank_separated = true},
    {.names = "--wait",
     .kind = Kind::duration,
     .commands = of_preflight,
     .help = "Wait up to this long for another process's download: 90s, 10m, 2h",
     .manual = R"(Wait so long
.Pq Li 90s , 10m , 2h
while another process really downloads, with lines of progress on standard error.
It ends at once when that is complete, and within seconds when the other process has
died.)",
     .value = "TIME",
     .initial = "0",
     .example = "90s or 10m"},
    {.names = "--strict",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "All files of the listing must be here, not a subset",
     .manual = R"(All that the listing has must be here.
Where there is no listing, that cannot be proven: exit code 3;
.Fl -online
asks the Hub for it.)"},
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
makes that short.)"},
    {.names = "--online",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Also ask the Hub: existence, access, and disk space needed",
     .manual =
         R"(First ask the Hub, in a few requests of a few seconds: do repo and revision exist, is
the gate open for this token, is there room for what is missing?
A Hub that cannot be reached is exit code 3, never
.Dq not found .
What is here is compared with the Hub's listing of the same commit;
that a branch has moved on is told only with
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
set to 1, so that it loads the checked files and asks no Hub.)"},
    {.names = "--print-path",
     .kind = Kind::flag,
     .commands = of_preflight,
     .help = "Print the folder of each snapshot, a line each",
     .manual = R"(Print the folder of each snapshot on standard output, a line each in the order of
the
.Ar REPO Ns s ,
and nothing else there.)"},
};

}  // namespace hfaudit::cli
