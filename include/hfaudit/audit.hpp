// The audit itself: walk, read the manifests, check. Read-only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "hfaudit/identity.hpp"
#include "hfaudit/layout.hpp"
#include "hfaudit/lock.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// How far a walk is, for a display. Any thread may read it meanwhile.
struct AuditProgress {
  std::atomic<std::size_t> repos_done{0};
  std::atomic<std::size_t> repos_total{0};  // 0: not known yet
};

struct AuditRequest {
  std::vector<RepoRequest> repos;             // empty: everything
  std::vector<std::string> include, exclude;  // fnmatch patterns, as for `hf download`
  std::optional<std::string> local_dir;       // a --local-dir download in place of the cache
  bool whole_home = true;  // xet, tokens and the like too; only where `repos` is empty
  // A hub without any entry is accepted, as a repair may leave it behind.
  bool may_be_empty = false;
  std::optional<std::string> owner;     // "user" or "user:group": must be able to use the cache
  std::uint64_t stalled_after_s = 600;  // a live partial without growth for so long is stalled
  // compare the commits that are here with the Hub of the process's environment
  bool online = false;
  // approved files: for the repos in it, this listing precedes all others
  std::shared_ptr<const LockedRepos> locked;
  std::string locked_path;                  // where it was read from, for the report
  unsigned jobs = 0;                        // threads; 0: as many as pay off
  std::shared_ptr<AuditProgress> progress;  // null: nobody looks
};

// Thread safety: may be called from several threads. Symlinks: only the roots that `layout` names
// and a symlinked repo folder are followed. Errors: absent cache, unknown repo or revision, unknown
// owner (all usage errors). Unreadable paths inside a cache are in Report::unreadable. Network:
// only with request.online.
[[nodiscard]] Result<Report> audit(const Layout& layout, const AuditRequest& request,
                                   const std::stop_token& stop = {});

}  // namespace hfaudit
