// repair(): audit, plan, apply, and again, until every action of the plan has been tried. A second
// round covers entries that the first one made visible: a folder without access before, an index
// that names shards.
#include "hfaudit/repair.hpp"

#include <algorithm>
#include <set>

#include "audit/run.hpp"
#include "base/sum.hpp"
#include "hub/endpoint.hpp"
#include "os/fs.hpp"
#include "os/name_sync.hpp"
#include "os/privilege.hpp"
#include "os/unix_time.hpp"
#include "pull/run.hpp"
#include "repair/apply.hpp"
#include "repair/ownership.hpp"
#include "repair/plan.hpp"
#include "repair/sharing.hpp"
#include "rules/rules.hpp"
#include "verify/run.hpp"

namespace hfaudit {
namespace {

class Repair {
 public:
  Repair(const Layout& layout, const RepairRequest& request, const RepairEvents& events,
         const std::stop_token& stop)
      : layout_(layout), request_(request), events_(events), stop_(stop) {
    if (request_.what.local_dir) request_.what.local_dir = absolute_path(*request_.what.local_dir);
  }

  [[nodiscard]] Result<Report> run();

 private:
  [[nodiscard]] Result<void> refuse_unmapped_owner(const os::CacheUser& user) const;
  void share_with_group();
  [[nodiscard]] Result<void> restore_ownership_and_become_user();
  [[nodiscard]] Result<Report> inspect();
  [[nodiscard]] std::vector<Action> take_untried(std::vector<Action> actions);
  [[nodiscard]] Result<void> carry_out(const std::vector<Action>& actions);
  [[nodiscard]] Result<void> pull(std::vector<const Action*> actions);
  void note(const Action& action, ActionResult result);
  void keep_proofs_of_pulled();
  void finish(Report& report);
  [[nodiscard]] Report report_without_last_audit(Report before, const Error& error);
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }

  const Layout& layout_;
  RepairRequest request_;
  const RepairEvents& events_;
  std::stop_token stop_;
  std::int64_t started_ns_ = unix_time_ns();
  PlanContext context_;
  std::uint32_t user_id_ = 0, group_id_ = 0;  // the cache's
  std::set<std::string> tried_;
  ProvenFiles proven_;
  bool began_as_root_ = os::is_root();
  bool sharing_refused_ = false;
  RepairLog log_;
  std::vector<Unreadable> unreadable_;  // actions that failed
};

Result<Report> Repair::inspect() {
  if (!request_.verify) return audit(layout_, request_.what, stop_);
  VerifyRequest how;
  how.ledger = request_.ledger;
  return verify_the_rest(
      layout_, request_.what, how, proven_,
      events_.verifying ? events_.verifying : [](const VerifyProgress&) {}, stop_);
}

// Those that no earlier round has tried; they count as tried from then on.
std::vector<Action> Repair::take_untried(std::vector<Action> actions) {
  std::erase_if(actions,
                [&](const Action& action) { return !tried_.insert(key_of(action)).second; });
  return actions;
}

void Repair::note(const Action& action, ActionResult result) {
  const bool for_root = action.plan.needs_root && result.outcome == Outcome::skipped;
  const bool matters = info_of(action.plan.finding).severity != Severity::info;
  if (matters && (for_root || result.outcome == Outcome::failed))
    unreadable_.push_back({action.plan.path, action.plan.action, result.detail});
  if (action.kind != ActionKind::pull && result.outcome == Outcome::done)
    add_size(log_.reclaimed, result.bytes);
  log_.plan.push_back(action.plan);
  log_.results.push_back(std::move(result));
  if (events_.acted) events_.acted(log_.plan.back(), log_.results.back());
}

// Acting for a uid that stands for many users would act for the user with that number here.
Result<void> Repair::refuse_unmapped_owner(const os::CacheUser& user) const {
  const auto owner = find_cache_owner(layout_, request_.what);
  const bool unmapped = os::is_unmapped_user(user.uid()) ||
                        (!request_.what.owner && owner && os::is_unmapped_user(owner->uid));
  if (!os::is_root() || !unmapped) return {};
  return failure("repair", request_.what.local_dir.value_or(layout_.hub_cache.path),
                 "its owner has no number in this user namespace (it is shown as uid " +
                     std::to_string(os::is_unmapped_user(user.uid()) ? user.uid() : owner->uid) +
                     "): repair it outside, or name a user that is mapped with --owner",
                 EPERM);
}

// Of a cache that a group shares, the files of its user or, as root, of all users.
void Repair::share_with_group() {
  auto planned = plan_sharing(layout_, request_.what, user_id_);
  sharing_refused_ = planned.refused;
  std::move(planned.unreadable.begin(), planned.unreadable.end(), std::back_inserter(unreadable_));
  for (const auto& action : planned.actions)
    tried_.insert(key_of(action));
  if (request_.dry_run) {
    for (const auto& action : planned.actions)
      log_.plan.push_back(action.plan);
    return;
  }
  carry_out_sharing(
      layout_, request_.what, user_id_, planned.actions, proven_,
      [this](const Action& action, const ActionResult& result) { note(action, result); }, stop_);
}

// As root, for another user's cache: the last thing that root does. Reads only files that are to be
// opened for a group.
Result<void> Repair::restore_ownership_and_become_user() {
  const auto user = find_cache_user(layout_, request_.what);
  if (!user) return tl::unexpected(user.error());
  if (auto mapped = refuse_unmapped_owner(*user); !mapped) return mapped;
  user_id_ = user->uid();
  group_id_ = user->gid();
  const bool ownership = context_.groups.contains(RepairGroup::ownership);
  if (!os::is_root() || user->uid() == 0) {
    if (ownership) share_with_group();
    return {};
  }
  if (ownership) {
    auto planned = plan_ownership(layout_, request_.what, *user);
    std::move(planned.unreadable.begin(), planned.unreadable.end(),
              std::back_inserter(unreadable_));
    for (const auto& action : planned.actions)
      tried_.insert(key_of(action));  // the user cannot repair the remaining ones either
    if (request_.dry_run) {
      for (const auto& action : planned.actions)
        log_.plan.push_back(action.plan);
    } else {
      restore_ownership(
          layout_, request_.what, *user, planned.actions,
          [this](const Action& action, const ActionResult& result) { note(action, result); },
          stop_);
    }
    share_with_group();
  }
  return os::become(user_id_, group_id_);
}

// A pull's results are those of its transfer.
Result<void> Repair::pull(std::vector<const Action*> actions) {
  std::vector<PullJob> jobs;
  for (const auto* action : actions) {
    auto revision =
        action->commit.empty() ? std::nullopt : std::optional<std::string>(action->commit);
    jobs.push_back({{*action->plan.repo, std::move(revision)}, action->files, action->optional});
  }
  if (jobs.empty()) return {};
  PullRequest request;
  request.download = request_.download;
  request.download.offline = request_.offline;
  request.what = request_.what;
  request.ledger = request_.ledger;
  auto outcome = run_pull(
      layout_, request, jobs, events_.pulling ? events_.pulling : [](const PullProgress&) {},
      stop_);
  if (!outcome) return tl::unexpected(outcome.error());
  std::move(outcome->unreadable.begin(), outcome->unreadable.end(),
            std::back_inserter(unreadable_));
  proven_.add_all(outcome->proven);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto& transfer = outcome->transfers[i];
    const bool whole = outcome->whole[i];
    const bool own_files = actions[i]->optional && transfer.wanted.files == 0;
    ActionResult result{whole                                   ? Outcome::done
                        : own_files && !transfer.commit.empty() ? Outcome::skipped
                                                                : Outcome::failed,
                        transfer.failure, transfer.pulled.bytes};
    // a present file that its header calls broken, and that the hash calls right
    if (whole && transfer.pulled.files == 0 && is_structural(actions[i]->plan.finding))
      result = {Outcome::skipped, "the Hub has the same content", 0};
    if (!whole && result.detail.empty()) {
      const bool unlisted = transfer.left.empty();
      result.detail = !is_interrupted() ? "not all of it could be downloaded"
                      : unlisted        ? "interrupted before the Hub answered"
                                        : "interrupted";
    }
    log_.received += transfer.received;
    log_.plan.push_back(actions[i]->plan);
    log_.results.push_back(std::move(result));
    if (events_.acted) events_.acted(log_.plan.back(), log_.results.back());
  }
  return {};
}

Result<void> Repair::carry_out(const std::vector<Action>& actions) {
  const bool symlinks = !is_true(system_environment().get("HF_HUB_DISABLE_SYMLINKS").value_or(""));
  Applier applier(layout_, request_.what.local_dir, symlinks, proven_, stop_);
  std::vector<const Action*> downloads;
  for (auto at = actions.begin(); at != actions.end() && !is_interrupted(); ++at) {
    if (at->kind == ActionKind::pull) {
      downloads.push_back(&*at);
      const bool more = std::next(at) != actions.end() && std::next(at)->kind == ActionKind::pull;
      if (more) continue;
      if (auto pulled = pull(std::move(downloads)); !pulled) return pulled;
      downloads.clear();
      continue;
    }
    note(*at, applier.apply(*at));
  }
  return {};
}

// A verify keeps its proofs itself.
void Repair::keep_proofs_of_pulled() {
  auto what = request_.what;
  what.repos.clear();
  what.whole_home = false;
  for (const auto& action : log_.plan) {
    if (action.action == "pull" && action.repo) what.repos.push_back({*action.repo, std::nullopt});
  }
  if (!request_.verify && !what.repos.empty() && !proven_.empty())
    keep_proofs(layout_, what, request_.ledger, proven_);
}

void Repair::finish(Report& report) {
  if (const auto synced = os::sync_new_names(); !synced)
    unreadable_.push_back({request_.what.local_dir.value_or(layout_.hub_cache.path),
                           synced.error().operation, synced.error().cause});
  // The pull has hashed the present content, and the hash was right: the Hub itself holds it like
  // that.
  name_damage_of_hub(report.findings, proven_);
  if (sharing_refused_ && keeps_users_out(report))
    unreadable_.push_back({layout_.hub_cache.path, "share",
                           "it belongs to root, and other users may write a folder above it: give "
                           "the cache to one of its users first (chown)"});
  keep_proofs_of_pulled();
  log_.dry_run = request_.dry_run;
  if (is_root_needed(log_, began_as_root_)) log_.rest = ownership_arguments(layout_, request_.what);
  std::move(unreadable_.begin(), unreadable_.end(), std::back_inserter(report.unreadable));
  report.repair = std::move(log_);
  report.asked = asked_of(request_.what);
  complete_report(report, "repair", started_ns_, unix_time_ns());
}

// The completed actions are reported. A home without repos has nothing left to find once its other
// findings are repaired; repos that were there have vanished, or became unreadable, by other means.
Report Repair::report_without_last_audit(Report before, const Error& error) {
  if (os::is_absent(error) && before.repos.empty())
    before.findings.clear();
  else
    unreadable_.push_back({request_.what.local_dir.value_or(layout_.hub_cache.path),
                           error.operation + " " + error.subject, error.cause});
  finish(before);
  return before;
}

Result<Report> Repair::run() {
  auto settings = find_hub_settings(system_environment());
  if (!settings) return tl::unexpected(settings.error());
  if (!settings->offline.empty()) request_.offline = true;
  context_ = plan_context_of(request_);
  if (auto ready = restore_ownership_and_become_user(); !ready)
    return tl::unexpected(ready.error());
  context_.process_uid = os::effective_user();
  context_.uid = user_id_;
  context_.gid = group_id_;
  constexpr int most_rounds = 5;
  std::optional<Report> before;
  for (int round = 0;; ++round) {
    auto report = inspect();
    if (!report && before) return report_without_last_audit(std::move(*before), report.error());
    if (!report) return report;
    auto actions = take_untried(plan_repair(*report, context_));
    const bool last = actions.empty() || round == most_rounds || is_interrupted();
    if (request_.dry_run) {
      for (const auto& action : actions)
        log_.plan.push_back(action.plan);
    }
    if (last || request_.dry_run) {
      finish(*report);
      return report;
    }
    if (auto carried_out = carry_out(actions); !carried_out)
      return tl::unexpected(carried_out.error());
    if (is_interrupted() &&
        !has_changed_anything(log_)) {  // another audit would be interrupted, too
      finish(*report);
      return report;
    }
    before = std::move(*report);
    request_.what.may_be_empty = true;
  }
}

}  // namespace

Result<Report> repair(const Layout& layout, const RepairRequest& request,
                      const RepairEvents& events, const std::stop_token& stop) {
  return Repair(layout, request, events, stop).run();
}

}  // namespace hfaudit
