// An audit in steps: audit() takes them in one go; verify() reads content in between, and scans the
// repos with deviating content again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "audit/hub_listings.hpp"
#include "cache/content.hpp"
#include "hfaudit/audit.hpp"
#include "os/fs.hpp"
#include "os/users.hpp"
#include "rules/judge.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

// The kept values of a repo after its judgement.
struct RepoOutcome {
  Judgement judgement;                 // paths as in a Finding
  std::vector<Unreadable> unreadable;  // likewise
  std::vector<Unreadable> noted;       // likewise
  std::vector<FileKey> shared_payloads;
};

class AuditRun {
 public:
  virtual ~AuditRun() = default;

  // Walks and judges everything that was requested.
  [[nodiscard]] virtual Result<void> inspect() = 0;
  // Walks and judges one repo anew, with the digests.
  virtual void rescan(std::size_t repo, const ContentReads& reads) = 0;
  [[nodiscard]] virtual Report finish() = 0;

  // Repos by number. Their judgement is there after their scan.
  [[nodiscard]] std::vector<RepoOutcome>& repos() { return repos_; }
  // Of repo number `repo`; the same on every machine with this cache.
  [[nodiscard]] virtual std::string path_of(std::size_t repo, const Content& content) const = 0;
  // Where proofs of repo number `repo` may lie, and a file name that is that repo's own.
  [[nodiscard]] virtual Result<os::Directory> ledger_folder(std::size_t repo) const = 0;
  [[nodiscard]] virtual std::string ledger_name(std::size_t repo) const = 0;
  // nullptr: it is gone, or another file by now.
  [[nodiscard]] virtual Result<std::unique_ptr<os::File>> open(std::size_t repo,
                                                               const Content& content) const = 0;

 protected:
  std::vector<RepoOutcome> repos_;
};

// A verify lists contents, and reports files that cannot be checked.
enum class AuditPurpose : std::uint8_t { scan, verify };

// A verify may scan a repo again, a scan comes once.
[[nodiscard]] constexpr ListingCache listing_cache_for(AuditPurpose purpose) {
  return purpose == AuditPurpose::verify ? ListingCache::on : ListingCache::off;
}

// Errors: as audit().
[[nodiscard]] Result<std::unique_ptr<AuditRun>> begin_audit(const Layout& layout,
                                                            const AuditRequest& request,
                                                            AuditPurpose purpose,
                                                            const std::stop_token& stop);

// The folder by which a cache or a --local-dir belongs to its owner: the home (where the hub lies
// in it), the hub, or the folder.
[[nodiscard]] Result<FileInfo> find_cache_owner(const Layout& layout, const AuditRequest& request);

// The user for whom it is judged: request.owner, else the user of this process; for root, the
// cache's owner.
[[nodiscard]] Result<os::CacheUser> find_cache_user(const Layout& layout,
                                                    const AuditRequest& request);

// The two kinds, each in its file. `layout` and `request` outlive the run.
[[nodiscard]] Result<std::unique_ptr<AuditRun>> begin_cache_audit(const Layout& layout,
                                                                  const AuditRequest& request,
                                                                  AuditPurpose purpose,
                                                                  const std::stop_token& stop);
[[nodiscard]] Result<std::unique_ptr<AuditRun>> begin_local_audit(const Layout& layout,
                                                                  const AuditRequest& request,
                                                                  AuditPurpose purpose,
                                                                  const std::stop_token& stop);

// Audits of folders that are closed or absent (no_cache.cpp).
//
// `error`: why opening the folder failed.
[[nodiscard]] std::unique_ptr<AuditRun> make_unreadable_audit(const Layout& layout,
                                                              const AuditRequest& request,
                                                              const Error& error);

// unreachable-repo, where a link on the way to the place leads nowhere; else null.
[[nodiscard]] std::unique_ptr<AuditRun> make_unreachable_audit(const Layout& layout,
                                                               const AuditRequest& request);

// The hub cache is absent, and a lock file lists its repos.
[[nodiscard]] std::unique_ptr<AuditRun> make_absent_audit(const Layout& layout,
                                                          const AuditRequest& request);

// The hub cache is absent. The entries around it have findings all the same: tokens, repos that lie
// in the home itself. Errors: the home is without downloads and findings.
[[nodiscard]] Result<std::unique_ptr<AuditRun>> begin_audit_without_hub(
    const Layout& layout, const AuditRequest& request);

// A file of a repo folder by its place, if it is still the file that the walk saw.
[[nodiscard]] Result<std::unique_ptr<os::File>> open_content(const os::Directory& folder,
                                                             const Content& content);

// The commit that the user's words mean in this repo: a ref's name, a commit, or the beginning of
// one.
[[nodiscard]] std::optional<std::string> resolve_revision(const RepoInventory& repo,
                                                          const std::string& asked);

// A --local-dir download, with the processes that use it.
[[nodiscard]] ScannedRepo scan_local_dir(const WalkContext& walk, const RepoId& repo);
[[nodiscard]] std::string absolute_path(std::string path);

[[nodiscard]] ReportScope asked_of(const AuditRequest& request);

// Fills the common parts of all reports: order, command, machine, times.
void complete_report(Report& report, std::string command, std::int64_t started_ns,
                     std::int64_t ended_ns);

}  // namespace hfaudit
