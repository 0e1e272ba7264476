// Follows a download of one repo by any client, by the files on the disk; ends with the verdict.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "hfaudit/audit.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

struct WatchRequest {
  AuditRequest what;  // one repo, or a --local-dir; `online`: the Hub's listing gives the total
  // after so long without activity and changes the download has ended
  std::chrono::milliseconds grace{15'000};
  std::chrono::milliseconds wait{0};  // for a download to begin, or for the repo to appear
  std::chrono::milliseconds between_scans{1'000};  // at least; longer where a scan takes longer
};

// How much of a download is on the disk. Each blob counts once; a partial counts as far as the file
// system stores it. The totals are known where all files of the commit are listed, in the cache or
// by the Hub.
struct WatchProgress {
  RepoId repo;
  std::uint64_t files = 0, bytes = 0;
  std::optional<std::uint64_t> files_total, bytes_total;
  double seconds = 0;  // since the watch began
};
void render_progress(const WatchProgress& progress, const Sink& out);  // a line of ndjson

// The audit of the repo once its download has ended, or so far if interrupted. `progress` is called
// after each scan during the download, from the caller's thread. Errors, thread safety and
// symlinks: as audit(). Read-only.
[[nodiscard]] Result<Report> watch(const Layout& layout, const WatchRequest& request,
                                   const std::function<void(const WatchProgress&)>& progress,
                                   const std::stop_token& stop = {});

}  // namespace hfaudit
