// Makes a cache whole again: audit, plan, carry the plan out, audit again.
//
// The plan is a list of actions, each with its finding and the file that it was planned on; an
// action whose file is another one by then is skipped. Only entries that are proven worthless are
// removed: partials whose blob is there and hashes to its name, unheld locks, dangling links that
// are made anew. All other obstacles are moved into the repo's quarantine (`.hfaudit-quarantine/`,
// beside `blobs/`) first. Content comes by the engine of pull(), at the commits that the snapshots
// name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "hfaudit/audit.hpp"
#include "hfaudit/pull.hpp"
#include "hfaudit/report.hpp"
#include "hfaudit/verify.hpp"

namespace hfaudit {

[[nodiscard]] std::optional<RepairGroup> parse_repair_group(std::string_view text);

struct RepairRequest {
  AuditRequest what;     // `online` too: then the Hub's listing decides
  bool verify = false;   // the audits hash all content, so that silent corruption is repaired too
  bool dry_run = false;  // plan and stop: read-only
  bool offline = false;  // the Hub is left out: content comes from `download.from` alone
  std::vector<RepairGroup> only, skip;  // empty `only`: all but orphans
  bool idle_locks = false;              // also harmless leftover lock files
  bool break_locks = false;  // also locks that a hung process holds; the process is left alone
  DownloadOptions download;
  LedgerRequest ledger;  // an age only with `verify`
};

struct RepairEvents {
  std::function<void(const VerifyProgress&)> verifying;
  std::function<void(const PullProgress&)> pulling;
  // after each action, before the next one
  std::function<void(const PlannedAction&, const ActionResult&)> acted;
};

// The audit after the repair, with Report::repair. Errors: as audit(). Called as root for a cache
// of another user, the process becomes that user for good, after the ownership is restored and
// before any file is read, made or downloaded. If it is interrupted, completed actions are kept,
// and the next run continues. Thread safety and symlinks: as pull().
[[nodiscard]] Result<Report> repair(const Layout& layout, const RepairRequest& request,
                                    const RepairEvents& events, const std::stop_token& stop = {});

// Something that a repair or a pull moved aside.
struct Quarantined {
  std::optional<RepoId> repo;
  std::string path;  // where it is now; as Finding::path
  std::string from;  // where it was, relative to the repo folder or the hub cache
  std::string why;
  std::int64_t moved_at = 0;  // seconds since the epoch
  std::uint64_t bytes = 0;    // on disk
};
// By repo and path. Read-only; a quarantine that is unreadable counts as empty. Errors: opening the
// hub cache failed.
[[nodiscard]] Result<std::vector<Quarantined>> list_quarantine(const Layout& layout,
                                                               const AuditRequest& what);

}  // namespace hfaudit
