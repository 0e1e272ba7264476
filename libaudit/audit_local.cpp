// audit() for a --local-dir download: one repo, whose files are the snapshot.
#include "audit_local.hpp"

#include <cerrno>
#include <chrono>

#include "check/check_home.hpp"
#include "check/judge.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/users.hpp"
#include "scan/gather.hpp"
#include "scan/liveness.hpp"
#include "scan/walk.hpp"
#include "scan/walk_local.hpp"

namespace hfaudit {

Result<Report> audit_local_dir(const AuditRequest& request) {
  const auto& path = *request.local_dir;
  auto root = os::Directory::open_root(path);
  Report report;
  if (!root && root.error().code != EACCES) {
    return failure("open", path, root.error().code == ENOTDIR ? "not a folder" : root.error().cause, root.error().code);
  }
  report.looked_at.push_back({"local-dir", path, "--local-dir", true});
  if (!root) {
    report.blind.push_back({path, root.error().operation, root.error().cause});
    return report;
  }
  const auto owner = root->stat_self();
  auto user = request.owner ? os::CacheUser::parse(*request.owner)
                            : Result<os::CacheUser>(os::CacheUser(owner ? owner->uid : 0, owner ? owner->gid : 0));
  if (!user) return tl::unexpected(user.error());
  os::Processes processes;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const WalkContext context{*root, path, *user, processes,
                            std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
  auto [inventory, recorded] = walk_local_dir(*root, *user, path);
  if (!request.repos.empty()) inventory.repo = request.repos.front().repo;
  auto evidence = gather_evidence(*root, inventory, true);
  evidence.revisions.front().recorded = std::move(recorded);
  name_partials(inventory, evidence);
  judge_liveness(context, inventory);

  CheckContext checks;
  checks.user_id = user->uid();
  checks.user_name = user->name();
  checks.now_ns = context.now_ns;
  checks.stalled_after_ns = static_cast<std::int64_t>(request.stalled_after_s) * 1'000'000'000;
  checks.filter = {request.include, request.exclude};
  checks.local_dir = true;
  checks.asked_revision = inventory.revisions.front().commit;
  auto judgement = judge(inventory, evidence, checks);
  judgement.report.path = path;
  for (auto& finding : judgement.findings) {
    finding.path = finding.path.empty() ? path : path + "/" + finding.path;
    report.findings.push_back(std::move(finding));
  }
  for (auto& blind : inventory.blind) report.blind.push_back({path + "/" + blind.path, blind.operation, blind.cause});
  report.bytes_present = judgement.bytes_present;
  report.bytes_missing = judgement.bytes_missing;
  report.bytes_reclaimable = judgement.bytes_reclaimable;
  if (auto low = check_space(report.bytes_missing, root->free_bytes(), path)) report.findings.push_back(*low);
  report.repos.push_back(std::move(judgement.report));
  return report;
}

}  // namespace hfaudit
