// # download-in-progress
//
// A process has the partial file open for writing, or holds the lock of its blob. Where flock(2) is
// shown to be ineffective, a partial that grew within the last minute counts. If two scans a moment
// apart differ, every wanted partial of the repo counts.
//
// Why it matters: the verdict of the revision is `in-progress` until the download ends. The repo is
// undamaged.
//
// Not raised: for the partial of a process that is gone, beside one that is downloading
// (orphan-partial).
//
// Causes: any client at work, also in another container or on another NFS client that shares the
// cache.
//
// # stalled-download
//
// A process has the partial file open for writing, or holds the lock of its blob, and the file has
// stayed the same size for ten minutes. The message names the process. hfaudit-repair(1) with
// `--break-locks` downloads the file beside it.
//
// Why it matters: the download may never end, and other clients wait for the lock.
//
// Not raised: before ten minutes have passed; if no process is known to be at work
// (incomplete-download).
//
// Causes: a process that is stopped or waits on a connection that died without notice.
#include "rules/rules.hpp"

namespace hfaudit {
namespace {

std::string process_name(const Holder& holder) {
  if (holder.pid == 0) return "another process";
  return "pid " + std::to_string(holder.pid) +
         (holder.command.empty() ? "" : " (" + printable(holder.command) + ")");
}

}  // namespace

void raise_download_in_progress(RepoCheck& c, const Partial& partial, const Want& want) {
  const auto idle_ns = c.context.now_ns - partial.meta.mtime_ns;
  const bool stalled = idle_ns > c.context.stalled_after_ns;
  const auto name = process_name(partial.holder);
  auto& finding =
      c.raise(stalled ? FindingId::stalled_download : FindingId::download_in_progress, partial.path,
              stalled ? name + " holds this download, which has not grown for " +
                            std::to_string(idle_ns / 60'000'000'000) + " minutes"
                      : name + " is downloading it: " + progress_of(partial, want.file),
              want.state);
  finding.bytes = partial.present;
  finding.seen = identity_of(partial.meta);
  if (!partial.etag.empty()) finding.details.emplace_back(detail_key::blob, partial.etag);
  if (partial.holder.pid != 0)
    finding.details.emplace_back(detail_key::pid, static_cast<std::uint64_t>(partial.holder.pid));
  if (stalled)
    finding.details.emplace_back(detail_key::idle_seconds,
                                 static_cast<std::uint64_t>(idle_ns / 1'000'000'000));
}

}  // namespace hfaudit
