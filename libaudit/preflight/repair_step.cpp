#include "preflight/repair_step.hpp"

#include <algorithm>

#include "audit/run.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/repair.hpp"
#include "hub/endpoint.hpp"
#include "os/privilege.hpp"
#include "os/program.hpp"
#include "os/write_fs.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

std::optional<RepairFailure> failure_of(const Result<Report>& report) {
  if (!report) {
    const auto& error = report.error();
    return RepairFailure{ExitCode::incomplete, "cannot " + error.operation + " " +
                                                   printable(error.subject) + ": " + error.cause};
  }
  for (const auto& unreadable : report->unreadable) {
    if (unreadable.refused) return RepairFailure{ExitCode::refused, printable(unreadable.cause)};
  }
  for (const auto& transfer : report->transfers) {
    if (!transfer.failure.empty())
      return RepairFailure{ExitCode::incomplete, printable(transfer.failure)};
  }
  if (report->unreadable.empty()) return std::nullopt;
  const auto& unreadable = report->unreadable.front();
  return RepairFailure{ExitCode::incomplete, "cannot " + printable(unreadable.operation) + " " +
                                                 printable(unreadable.path) + ": " +
                                                 printable(unreadable.cause)};
}

bool is_offline() {
  const auto settings = find_hub_settings(system_environment());
  return settings && !settings->offline.empty();
}

// Offline, without another source.
bool has_no_source(const PreflightRequest& request) {
  return is_offline() && request.download.from.empty();
}

PullRequest pull_of(const PreflightRequest& request, const RepoRequest& repo) {
  PullRequest how;
  how.download = request.download;
  how.what = request.what;
  how.what.repos = {with_revision(repo)};
  how.what.online = false;
  return how;
}

}  // namespace

RepoRequest with_revision(RepoRequest repo) {
  if (!repo.revision) repo.revision = "main";
  return repo;
}

// Root's repair of another user's cache gives root's rights up for good, which the command that
// follows may need: so it is a process of its own.
std::optional<RepairFailure> repair_or_pull(
    const Layout& layout, const PreflightRequest& request, const Admission& last,
    const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop) {
  const bool whole = last.commit.empty() || request.strict ||
                     last.verdict == Verdict::in_progress || last.weightless;
  const auto how = pull_of(request, last.repo);
  if (whole)
    return has_no_source(request) ? std::nullopt
                                  : failure_of(hfaudit::pull(layout, how, progress, stop));
  RepairRequest repair;
  repair.what = how.what;
  repair.download = how.download;
  repair.verify = request.check == PreflightCheck::full;
  repair.offline = is_offline();
  repair.skip = {RepairGroup::ownership};
  const auto work = [&](const std::stop_token& stop_of_process) {
    return failure_of(hfaudit::repair(layout, repair, {{}, progress, {}}, stop_of_process));
  };
  const auto user = find_cache_user(layout, how.what);
  if (!os::is_root() || !user || user->uid() == 0) {
    auto met = work(stop);
    return has_no_source(request) ? std::nullopt : met;
  }
  const auto code = os::run_apart(
      [&](const std::stop_token& own_stop) {
        const auto met = work(own_stop);
        return to_int(met ? met->code : ExitCode::ok);
      },
      stop);
  if ((code && *code == to_int(ExitCode::ok)) || has_no_source(request)) return std::nullopt;
  const bool refused = code && *code == to_int(ExitCode::refused);
  return RepairFailure{
      refused ? ExitCode::refused : ExitCode::incomplete,
      "not everything could be repaired; run: hfaudit repair " + printable(last.repo.repo.name())};
}

std::optional<RepairFailure> pull_required(const Layout& layout, const PreflightRequest& request,
                                           const RepoRequest& repo,
                                           const std::function<void(const PullProgress&)>& progress,
                                           const std::stop_token& stop) {
  if (has_no_source(request)) return std::nullopt;
  auto how = pull_of(request, repo);
  how.what.include = request.require;
  return failure_of(hfaudit::pull(layout, how, progress, stop));
}

Result<os::Directory> repair_lock_folder(const Layout& layout, const RepoId& repo) {
  const auto hub = os::make_root(layout.hub_cache.path);
  if (!hub) return tl::unexpected(hub.error());
  const auto locks = enter(*hub, ".locks", Folders::made);
  if (!locks) return tl::unexpected(locks.error());
  return enter(*locks, repo.folder(), Folders::made);
}

}  // namespace hfaudit
