#include "repair/ownership.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

#include "repair/ownership_walker.hpp"
#include "repair/settled_walk.hpp"

namespace hfaudit {
namespace {

std::string in_words(std::uint64_t below) {
  return below == 0 ? std::string() : ", and so do " + std::to_string(below) + " below it";
}

class Planning final : public OwnershipWalker {
 public:
  using OwnershipWalker::OwnershipWalker;

  [[nodiscard]] OwnershipPlan take() {
    for (auto& action : plan_.actions) {
      const auto below = in_words(below_[action.plan.path]);
      action.plan.reason = "it belongs to " + os::user_name(action.uid) + below;
      action.uid = context().uid;
    }
    return std::move(plan_);
  }

 private:
  void found(const os::SecureDirectory&, const std::string&, const std::string& path,
             const os::SecureEntry& entry, const std::string& above) override {
    if (!above.empty()) {
      ++below_[within(above)];
      return;
    }
    Action action;
    action.kind = ActionKind::chown;
    action.seen = identity_of(entry.meta);
    action.uid = entry.meta.uid;  // the present owner, for the reason; take() replaces it
    action.gid = context().gid;
    action.plan.action = to_string(action.kind);
    action.plan.group = RepairGroup::ownership;
    action.plan.finding = FindingId::foreign_owner;
    action.plan.path = within(path);
    action.plan.needs_root = true;
    plan_.actions.push_back(std::move(action));
  }
  void unreadable(const std::string& path, const Error& error) override {
    plan_.unreadable.push_back({path, error.operation, error.cause});
  }

  OwnershipPlan plan_;
  std::map<std::string, std::uint64_t> below_;
};

class OwnershipRestorer final : public OwnershipWalker {
 public:
  OwnershipRestorer(const Layout& layout, const AuditRequest& request, const os::CacheUser& user,
                    const std::vector<Action>& actions, const std::stop_token& stop)
      : OwnershipWalker(layout, request, user), stop_(stop) {
    for (const auto& action : actions)
      tallies_.emplace(action.plan.path, Tally{});
  }

  void restore_all() {
    settled_.run([this] { walk(); }, [this] { return stopped(); });
  }

  // Of a planned action; it covers all below it.
  [[nodiscard]] ActionResult result_of(const Action& action) {
    const auto& tally = tallies_[action.plan.path];
    if (!tally.failure.empty()) return {Outcome::failed, tally.failure, 0};
    if (tally.changed == 0) return {Outcome::skipped, "it changed meanwhile", 0};
    return {Outcome::done, {}, 0};
  }

 private:
  struct Tally {
    std::uint64_t changed = 0;
    std::string failure;  // the first
  };

  void found(const os::SecureDirectory& folder, const std::string& name, const std::string& path,
             const os::SecureEntry& entry, const std::string&) override {
    const auto gid = context().shared ? context().hub_gid : context().gid;
    const auto done = name.empty()
                          ? folder.chown_self(entry, context().uid, gid)
                          : folder.chown(name, entry, context().uid, gid, settled_.since_ns());
    auto& tally = tally_of(within(path));
    if (done) ++tally.changed;
    if (done || done.error().code == ENOENT || settled_.tries_again(done.error())) return;
    if (tally.failure.empty())
      tally.failure =
          "cannot " + done.error().operation + " " + within(path) + ": " + done.error().cause;
  }
  void unreadable(const std::string&, const Error&) override {}  // reported by the plan
  [[nodiscard]] bool stopped() const override { return stop_.stop_requested(); }

  // Of the planned action that covers the path; without one, the entry is newer than the plan and
  // stays.
  [[nodiscard]] Tally& tally_of(const std::string& path) {
    for (auto above = path;;) {
      if (const auto at = tallies_.find(above); at != tallies_.end()) return at->second;
      const auto slash = above.rfind('/');
      if (slash == std::string::npos) return unplanned_;
      above.resize(slash);
    }
  }

  std::stop_token stop_;
  SettledWalk settled_;
  std::map<std::string, Tally> tallies_;
  Tally unplanned_;
};

}  // namespace

OwnershipPlan plan_ownership(const Layout& layout, const AuditRequest& request,
                             const os::CacheUser& user) {
  Planning planning(layout, request, user);
  planning.walk();
  return planning.take();
}

void restore_ownership(const Layout& layout, const AuditRequest& request, const os::CacheUser& user,
                       const std::vector<Action>& actions,
                       const std::function<void(const Action&, const ActionResult&)>& acted,
                       const std::stop_token& stop) {
  if (actions.empty()) return;
  OwnershipRestorer restorer(layout, request, user, actions, stop);
  restorer.restore_all();
  for (const auto& action : actions)
    acted(action, restorer.result_of(action));
}

bool is_root_needed(const RepairLog& log, bool began_as_root) {
  for (std::size_t i = 0; i < log.plan.size(); ++i) {
    const bool left =
        i < log.results.size() ? log.results[i].outcome != Outcome::done : !began_as_root;
    if (log.plan[i].needs_root && left) return true;
  }
  return false;
}

bool has_changed_anything(const RepairLog& log) {
  return log.received > 0 ||
         std::any_of(log.results.begin(), log.results.end(),
                     [](const ActionResult& result) { return result.outcome == Outcome::done; });
}

bool keeps_users_out(const Report& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return finding.id == FindingId::no_access || finding.id == FindingId::stale_lock;
  });
}

std::vector<std::string> ownership_arguments(const Layout& layout, const AuditRequest& request) {
  std::vector<std::string> words = {"repair", "--only", "ownership"};
  if (request.local_dir) {
    words.insert(words.end(), {"--local-dir", *request.local_dir});
  } else {
    words.insert(words.end(), {"--hf-home", layout.hf_home.path});
    if (layout.hub_cache.path != layout.hf_home.path + "/hub")
      words.insert(words.end(), {"--cache-dir", layout.hub_cache.path});
  }
  if (request.owner) words.insert(words.end(), {"--owner", *request.owner});
  for (const auto& asked : request.repos)
    words.push_back(asked.repo.name());
  return words;
}

}  // namespace hfaudit
