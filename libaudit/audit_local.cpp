// audit() for a --local-dir download: one repo, whose files are the snapshot.
#include "audit_local.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "check/check_home.hpp"
#include "check/judge.hpp"
#include "hfaudit/layout.hpp"
#include "model/motion.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/users.hpp"
#include "scan/gather.hpp"
#include "scan/liveness.hpp"
#include "scan/walk.hpp"
#include "scan/walk_local.hpp"

namespace hfaudit {
namespace {

std::int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::string absolute(std::string path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  return path.starts_with('/') ? path : system_environment().working_directory + "/" + path;
}

SeenRepo look(const WalkContext& walk, const RepoId& repo) {
  const auto folder = walk.hub.open_directory(".");  // a descriptor lists its folder only once
  auto [inventory, recorded] = walk_local_dir(folder ? *folder : walk.hub, walk.user, walk.hub_path);
  inventory.repo = repo;
  auto evidence = gather_evidence(walk.hub, inventory, true);
  evidence.revisions.front().recorded = std::move(recorded);
  name_partials(inventory, evidence);
  judge_liveness(walk, inventory);
  return {std::move(inventory), std::move(evidence)};
}

// As for a repo in the cache: what changes between two looks is being downloaded.
SeenRepo look_twice(const WalkContext& walk, const RepoId& repo, CheckContext& checks) {
  auto seen = look(walk, repo);
  checks.asked_revision = seen.inventory.revisions.front().commit;
  constexpr std::int64_t just_now_ns = 30LL * 1'000'000'000;
  const bool calm = now_ns() - last_change_ns(seen.inventory) > just_now_ns;
  if (calm || judge(seen.inventory, seen.evidence, checks).report.verdict == Verdict::complete) return seen;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  auto after = look(walk, repo);
  checks.moving = fingerprint(after.inventory) != fingerprint(seen.inventory);
  checks.asked_revision = after.inventory.revisions.front().commit;
  return after;
}

// The folder has one commit; to ask for another one is an error, a branch's name cannot be checked.
bool is_another_commit(const std::string& asked, const std::string& commit) {
  const bool hash = asked.size() >= 7 && asked.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hash && !commit.empty() && !commit.starts_with(asked);
}

void add_judgement(Judgement judgement, const RepoInventory& inventory, const std::string& path, Report& report) {
  judgement.report.path = path;
  for (auto& finding : judgement.findings) {
    finding.path = finding.path.empty() ? path : path + "/" + finding.path;
    report.findings.push_back(std::move(finding));
  }
  for (const auto& blind : inventory.blind) {
    report.blind.push_back({path + "/" + blind.path, blind.operation, blind.cause});
  }
  report.bytes_present = judgement.bytes_present;
  report.bytes_missing = judgement.bytes_missing;
  report.bytes_reclaimable = judgement.bytes_reclaimable;
  report.repos.push_back(std::move(judgement.report));
}

}  // namespace

Result<Report> audit_local_dir(const AuditRequest& request) {
  const auto path = absolute(*request.local_dir);
  auto root = os::Directory::open_root(path);
  Report report;
  if (!root && root.error().code != EACCES) {
    return failure("open", path, root.error().code == ENOTDIR ? "not a folder" : root.error().cause,
                   root.error().code);
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
  const WalkContext walk{*root, path, *user, processes, now_ns()};

  CheckContext checks;
  checks.user_id = user->uid();
  checks.user_name = user->name();
  checks.now_ns = walk.now_ns;
  checks.stalled_after_ns = static_cast<std::int64_t>(request.stalled_after_s) * 1'000'000'000;
  checks.filter = {request.include, request.exclude};
  checks.local_dir = true;
  const auto seen = look_twice(walk, request.repos.empty() ? RepoId{} : request.repos.front().repo, checks);
  const auto& commit = seen.inventory.revisions.front().commit;
  const auto asked = request.repos.empty() ? std::nullopt : request.repos.front().revision;
  if (asked && is_another_commit(*asked, commit)) {
    return failure("find", *asked, "this folder holds commit " + commit, ENOENT);
  }
  add_judgement(judge(seen.inventory, seen.evidence, checks), seen.inventory, path, report);
  if (auto low = check_space(report.bytes_missing, root->free_bytes(), path)) report.findings.push_back(*low);
  return report;
}

}  // namespace hfaudit
