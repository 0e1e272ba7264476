// Options of downloads.
#pragma once

#include "options/option.hpp"
#include "options/values.hpp"

namespace hfaudit::cli {

inline constexpr Option transfer_options[] = {
    {.names = "--max-attempts",
     .kind = Kind::number,
     .commands = download_commands,
     .group = Group::transfer,
     .help = "Successive attempts on a repo without progress [{}]",
     .manual =
         R"(Give a repo up after this number of successive attempts without progress;
{} by default.)",
     .value = "N",
     .initial = "25",
     .bounds = {1, 1'000'000}},
    {.names = "--timeout",
     .kind = Kind::number,
     .commands = download_commands,
     .group = Group::transfer,
     .help = "Seconds without data after which a connection is closed "
             "[HF_HUB_DOWNLOAD_TIMEOUT, else 300]",
     .manual = R"(Seconds without data after which a connection is closed; 300 by default, or
.Ev HF_HUB_DOWNLOAD_TIMEOUT .)",
     .value = "N",
     .bounds = {1, 86'400}},
    {.names = "--waits",
     .kind = Kind::text,
     .commands = download_commands,
     .group = Group::transfer,
     .help = "Seconds between attempts without progress [{}]",
     .manual = R"(Seconds to wait between such attempts; the last one repeats;
.Li {}
by default.
A wait that the Hub requests is kept, up to the longest of these or a minute.)",
     .value = "LIST",
     .initial = "10,30,60,120,240,300",
     .check = why_no_waits},
    {.names = "--max-rate",
     .kind = Kind::bytes,
     .commands = download_commands,
     .group = Group::transfer,
     .help = "Receive at most this much per second, over all connections",
     .manual = "Receive at most this much per second, over all connections:\n.Li 20M .",
     .value = "BYTES",
     .example = "200M"},
    {.names = "--connections",
     .kind = Kind::number,
     .commands = download_commands,
     .group = Group::transfer,
     .help = "Maximum number of connections [{}]",
     .manual = "The maximum number of connections; {} by default, 256 at most.",
     .value = "N",
     .initial = "16",
     .bounds = {1, 256}},
    {.names = "--from",
     .kind = Kind::text,
     .commands = download_commands,
     .group = Group::transfer,
     .help =
         "Take content from this cache, --local-dir or http(s) or sftp URL of a hub cache first; "
         "may be repeated",
     .manual = R"(Take content from another location first, and the rest from the Hub.
A source is a folder: the home or hub cache of any client, or a
.Fl -local-dir
download; or the
.Li http
or
.Li https
URL of a hub cache that any web server serves; or its
.Li sftp://host/path/hub ,
with the user's key or agent, and only of a host that
.Pa ~/.ssh/known_hosts
has (the static program has no sftp).
Content is used only if its digest is right; a source that lacks a file, sends another or stalls is
skipped.
May be repeated.
Other repos of the cache are always searched first.)",
     .value = "SOURCE",
     .repeatable = true,
     .location = true},
    {.names = "--offline",
     .kind = Kind::flag,
     .commands = of_repair | of_pull,
     .group = Group::transfer,
     .help = "Do not ask the Hub; with --from, sources are used",
     .manual = R"(Do not ask the Hub, as with
.Ev HF_HUB_OFFLINE .
The files of a repo are then known from the lock file, from the sources of
.Fl -from ,
or from the cache, and the report names the origin
.Pq Va names_from .)"},
    {.names = "--ipv4",
     .kind = Kind::flag,
     .commands = download_commands,
     .group = Group::transfer,
     .help = "Use IPv4 only",
     .manual = "Use IPv4 only."},
    {.names = "--jobs",
     .kind = Kind::number,
     .commands = of_pull,
     .group = Group::transfer,
     .help = "Maximum number of files at once [{}]",
     .manual = "The maximum number of files at once; {} by default.",
     .value = "N",
     .initial = "8",
     .bounds = {1, 256}},
};

}  // namespace hfaudit::cli
