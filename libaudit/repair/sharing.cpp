#include "repair/sharing.hpp"

#include <cerrno>
#include <map>

#include "listings/listings.hpp"
#include "os/privilege.hpp"
#include "repair/settled_walk.hpp"
#include "repair/sharing_walker.hpp"

namespace hfaudit {
namespace {

constexpr std::uint32_t mode_of_old_locks = 0644;

bool may_change(const FileInfo& meta) {
  return os::is_root() || meta.uid == os::effective_user();
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

class SharingPlanner final : public SharingWalker {
 public:
  using SharingWalker::SharingWalker;

  [[nodiscard]] SharingPlan take() {
    if (!sharing()) return std::move(plan_);
    const auto out = "out the members of group " + os::group_name(sharing()->gid);
    for (auto& [path, found] : own_) {
      const auto reason = counted(found.count, "entry keeps ", "entries keep ") + out;
      plan_.actions.push_back(action_of(path, found, reason));
    }
    for (auto& [uid, found] : others_) {
      auto action = action_of(
          found.path, found,
          counted(found.count, "entry", "entries") + " of " + os::user_name(uid) +
              " from here on keep" + (found.count == 1 ? "s " : " ") + out + "; " +
              os::user_name(uid) + " or root can repair " + (found.count == 1 ? "it" : "them"));
      action.plan.needs_root = true;
      plan_.actions.push_back(std::move(action));
    }
    return std::move(plan_);
  }

 private:
  struct Found {
    std::string path;  // the first
    std::uint64_t count = 0;
    bool locks = true;  // all are
  };

  static Action action_of(const std::string& path, const Found& found, std::string reason) {
    Action action;
    action.kind = ActionKind::chmod;
    action.plan.action = to_string(action.kind);
    action.plan.group = RepairGroup::ownership;
    action.plan.finding = found.locks ? FindingId::stale_lock : FindingId::no_access;
    action.plan.path = path;
    action.plan.reason = std::move(reason);
    return action;
  }

  void found(const EntryLocation& at, const os::SecureEntry& entry, SharedEntry kind,
             const SharingFix&) override {
    auto& found = may_change(entry.meta) ? own_[within(at.group)] : others_[entry.meta.uid];
    if (found.count++ == 0) found.path = within(at.path);
    found.locks = found.locks && kind == SharedEntry::lock;
  }
  void sound(const EntryLocation&, const os::SecureEntry&) override {}
  void unreadable(const std::string& path, const Error& error) override {
    plan_.unreadable.push_back({path, error.operation, error.cause});
  }

  SharingPlan plan_;
  std::map<std::string, Found> own_;
  std::map<std::uint32_t, Found> others_;
};

class Sharer final : public SharingWalker {
 public:
  Sharer(const Layout& layout, const AuditRequest& request, std::uint32_t user,
         const ProvenFiles& known_good, const std::stop_token& stop)
      : SharingWalker(layout, request, user), proofs_(known_good, stop), stop_(stop) {}

  void share_all() {
    settled_.run([this] { walk(); }, [this] { return stopped(); });
  }

  [[nodiscard]] ActionResult result_of(const Action& action) const {
    if (action.plan.needs_root) return {Outcome::skipped, action.plan.reason, 0};
    const auto at = tallies_.find(action.plan.path);
    if (at == tallies_.end()) return {Outcome::skipped, "it changed meanwhile", 0};
    const auto& tally = at->second;
    if (!tally.failure.empty()) return {Outcome::failed, tally.failure, 0};
    if (tally.done == 0 && tally.unproven.empty())
      return {Outcome::skipped, "it changed meanwhile", 0};
    if (tally.unproven.empty())
      return {Outcome::done,
              tally.old_locks ? "clients before huggingface_hub 1.4 make locks of mode 0644 again"
                              : std::string(),
              0};
    return {Outcome::skipped,
            "nothing proves that " + tally.unproven + " is the cache's, so it stays private" +
                (tally.done == 0 ? "" : "; the rest is done"),
            0};
  }

 private:
  struct Tally {
    std::uint64_t done = 0;
    std::string failure;   // the first
    std::string unproven;  // the first
    bool old_locks = false;
  };

  void found(const EntryLocation& at, const os::SecureEntry& entry, SharedEntry kind,
             const SharingFix& fix) override {
    if (!may_change(entry.meta)) return;
    auto& tally = tallies_[within(at.group)];
    if (!is_proven(at, entry, fix.evidence)) {
      if (tally.unproven.empty()) tally.unproven = within(at.path);
      return;
    }
    const auto done = at.name.empty()
                          ? at.folder.share_self(entry, fix.share)
                          : at.folder.share(at.name, entry, fix.share, settled_.since_ns());
    if (done) ++tally.done;
    if (done && kind == SharedEntry::lock && entry.meta.mode == mode_of_old_locks)
      tally.old_locks = true;
    if (done || done.error().code == ENOENT || done.error().code == ESTALE) return;
    if (!settled_.tries_again(done.error()) && tally.failure.empty())
      tally.failure =
          "cannot " + done.error().operation + " " + within(at.path) + ": " + done.error().cause;
  }

  // New files of clients belong to the group, too.
  void sound(const EntryLocation& at, const os::SecureEntry& entry) override {
    if (!may_change(entry.meta)) return;
    const auto share = inheritance_of(entry.meta, *sharing());
    if (at.name.empty())
      (void)at.folder.share_self(entry, share);
    else
      (void)at.folder.share(at.name, entry, share, settled_.since_ns());
  }
  void unreadable(const std::string&, const Error&) override {}  // reported by the plan
  [[nodiscard]] bool stopped() const override { return stop_.stop_requested(); }

  // The change that follows fails if anything happens to the file from now on.
  [[nodiscard]] bool is_proven(const EntryLocation& at, const os::SecureEntry& entry,
                               ShareEvidence evidence) {
    if (evidence == ShareEvidence::none) return true;
    if (evidence == ShareEvidence::empty) return entry.meta.size == 0;
    if (evidence == ShareEvidence::nothing) return false;
    if (evidence == ShareEvidence::names) return has_known_names(at, entry);
    auto file = at.folder.directory().open_file(at.name);
    if (!file || (*file)->meta().key != entry.meta.key) return false;
    if (evidence == ShareEvidence::digest)
      return proofs_.of(std::move(*file), at.name) == Proof::good;
    constexpr std::size_t head = 128;
    std::string text(head, '\0');
    const auto got = (*file)->read_at(0, text);
    if (!got) return false;
    text.resize(*got);
    if (evidence == ShareEvidence::listing) return begins_as_listing(text);
    return entry.meta.size < head && !parse_ref(text).commit.empty();
  }

  [[nodiscard]] bool has_known_names(const EntryLocation& at, const os::SecureEntry& entry) const {
    const auto inner = at.folder.enter(at.name.empty() ? "." : at.name);
    const auto itself = inner ? inner->inspect_self() : tl::unexpected(inner.error());
    if (!itself || itself->meta.key != entry.meta.key) return false;
    bool known = true;
    const auto listed = inner->list([&](const os::DirectoryEntry& child) {
      known = known && (at.below          ? is_known_child(*at.below, child.name, child.type)
                        : at.name.empty() ? is_known_child_of_xet(child.name, child.type)
                                          : child.type == FileType::directory);
    });
    return listed && known;
  }

  Proofs proofs_;
  std::stop_token stop_;
  SettledWalk settled_;
  std::map<std::string, Tally> tallies_;
};

}  // namespace

SharingPlan plan_sharing(const Layout& layout, const AuditRequest& request, std::uint32_t user) {
  SharingPlanner planner(layout, request, user);
  planner.walk();
  auto plan = planner.take();
  plan.refused = planner.refused();
  return plan;
}

void carry_out_sharing(const Layout& layout, const AuditRequest& request, std::uint32_t user,
                       const std::vector<Action>& actions, const ProvenFiles& known_good,
                       const std::function<void(const Action&, const ActionResult&)>& acted,
                       const std::stop_token& stop) {
  if (actions.empty()) return;
  Sharer sharer(layout, request, user, known_good, stop);
  sharer.share_all();
  for (const auto& action : actions)
    acted(action, sharer.result_of(action));
}

}  // namespace hfaudit
