#include "repair/ownership.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "audit_run.hpp"
#include "hfaudit/identity.hpp"
#include "os/guarded.hpp"
#include "repair/ownership_rule.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

constexpr unsigned deepest = 48;

// Where to look: one entry, or a tree.
struct Root {
  std::string path;  // absolute
  bool tree = true;
};

std::vector<Root> roots_of(const Layout& layout, const AuditRequest& request) {
  if (request.local_dir) {
    const auto dir = absolute_path(*request.local_dir);
    return {{dir, false}, {dir + "/.cache", false}, {dir + "/.cache/huggingface", true}};
  }
  const auto& hub = layout.hub_cache.path;
  if (!request.repos.empty()) {
    std::vector<Root> roots = {{hub, false}, {hub + "/.locks", false}};
    for (const auto& asked : request.repos) {
      roots.push_back({hub + "/" + asked.repo.folder(), true});
      roots.push_back({hub + "/.locks/" + asked.repo.folder(), true});
    }
    return roots;
  }
  std::vector<Root> roots;
  if (request.whole_home) roots.push_back({layout.hf_home.path, false});
  roots.push_back({hub, true});
  if (!request.whole_home) return roots;
  for (const auto* place : {&layout.xet_cache, &layout.assets_cache, &layout.datasets_cache, &layout.modules_cache})
    roots.push_back({place->path, true});
  for (const auto* name : {".check_for_update_done", ".check_for_skill_update_done", ".agent_harnesses.json"})
    roots.push_back({layout.hf_home.path + "/" + name, false});
  for (const auto* place : {&layout.token, &layout.stored_tokens})
    roots.push_back({place->path, false});
  return roots;
}

// One way through for the plan and for its execution: what differs is what happens to an entry that is to go back.
class Tour {
 public:
  Tour(const Layout& layout, const AuditRequest& request, const os::CacheUser& user)
      : layout_(layout), request_(request), user_(user) {
    context_.uid = user.uid();
    context_.gid = user.gid();
    const auto folder = request.local_dir ? absolute_path(*request.local_dir) : layout.hub_cache.path;
    const auto root = os::GuardedDirectory::open_root(folder, user.uid());
    const auto itself = root ? root->look_at_itself() : tl::unexpected(root.error());
    if (!itself) return;
    constexpr std::uint32_t others_write = 022;
    context_.shared = !request.local_dir && (itself->meta.mode & others_write) != 0;
    context_.hub_gid = itself->meta.gid;
  }
  virtual ~Tour() = default;
  Tour(const Tour&) = delete;
  Tour& operator=(const Tour&) = delete;

  void go() {
    for (const auto& root : roots_of(layout_, request_))
      visit_root(root);
  }

 protected:
  // `above`: the topmost entry over this one that goes back to the same user; empty: this is one. False: do not
  // enter.
  virtual void found(const os::GuardedDirectory& folder, const std::string& name, const std::string& path,
                     const os::Guarded& entry, Return what, const std::string& above) = 0;
  virtual void blind(const std::string& path, const Error& error) = 0;
  [[nodiscard]] virtual bool stopped() const { return false; }
  [[nodiscard]] const OwnershipContext& context() const { return context_; }
  [[nodiscard]] std::string within(const std::string& path) const {
    return request_.local_dir ? path : within_home(layout_, path);
  }

 private:
  void visit_root(const Root& root);
  void visit(const os::GuardedDirectory& folder, const std::string& name, const std::string& path, bool tree,
             unsigned depth, std::string above);
  void visit_all_in(const os::GuardedDirectory& folder, const std::string& path, unsigned depth,
                    const std::string& above);
  void follow(const std::string& path, unsigned depth);
  [[nodiscard]] bool may_be_moved(const std::string& path) const;

  const Layout& layout_;
  const AuditRequest& request_;
  const os::CacheUser& user_;
  OwnershipContext context_;
};

// The folder that it lies in is reached by its path; the entry itself by name, unless it is a link to a folder that
// somebody moved.
void Tour::visit_root(const Root& root) {
  const auto slash = root.path.rfind('/');
  if (slash == std::string::npos || slash + 1 == root.path.size()) return;
  const auto folder = os::GuardedDirectory::open_root(slash == 0 ? "/" : root.path.substr(0, slash), user_.uid());
  if (!folder) {
    if (!os::is_absent(folder.error())) blind(within(root.path), folder.error());
    return;
  }
  const auto name = root.path.substr(slash + 1);
  const auto entry = folder->look(name);
  const bool elsewhere = entry ? entry->meta.type == FileType::symlink : entry.error().code == EXDEV;
  if (elsewhere && root.tree) return follow(root.path, 0);  // on a disk of its own, too
  visit(*folder, name, root.path, root.tree, 0, {});
}

void Tour::follow(const std::string& path, unsigned depth) {
  const auto root = os::GuardedDirectory::open_root(path, user_.uid());
  if (root) return visit_all_in(*root, path, depth, {});
  if (!os::is_absent(root.error())) blind(within(path), root.error());
}

// A repo folder, and its blobs and snapshots: people move them to a bigger disk and leave a link.
bool Tour::may_be_moved(const std::string& path) const {
  const auto hub = layout_.hub_cache.path + "/";
  if (request_.local_dir || !path.starts_with(hub)) return false;
  const auto rest = path.substr(hub.size());
  const auto slash = rest.find('/');
  if (!parse_repo_folder(rest.substr(0, slash))) return false;
  return slash == std::string::npos || rest.substr(slash) == "/blobs" || rest.substr(slash) == "/snapshots";
}

void Tour::visit(const os::GuardedDirectory& folder, const std::string& name, const std::string& path, bool tree,
                 unsigned depth, std::string above) {
  auto entry = folder.look(name);
  if (!entry) {
    const bool other_mount = entry.error().code == EXDEV;
    if (!other_mount && !os::is_absent(entry.error())) blind(within(path), entry.error());
    return;
  }
  entry->meta.access = user_.access(entry->meta, path);
  const auto what = what_to_return(entry->meta, name, context_);
  if (what != Return::leave) {
    found(folder, name, path, *entry, what, above);
    if (above.empty()) above = path;
  } else {
    above.clear();
  }
  if (entry->meta.type == FileType::symlink && tree && may_be_moved(path)) return follow(path, depth + 1);
  if (entry->meta.type != FileType::directory || !tree || stopped()) return;
  if (depth >= deepest) return blind(within(path), Error{"enter", name, "folders nest too deeply", 0});
  const auto inner = folder.enter(name);
  if (inner) return visit_all_in(*inner, path, depth + 1, above);
  if (!os::is_absent(inner.error()) && inner.error().code != EXDEV && inner.error().code != ELOOP)
    blind(within(path), inner.error());
}

void Tour::visit_all_in(const os::GuardedDirectory& folder, const std::string& path, unsigned depth,
                        const std::string& above) {
  std::vector<std::string> names;
  if (const auto listed = folder.list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name); });
      !listed)
    return blind(within(path), listed.error());
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    if (stopped()) return;
    visit(folder, name, path + "/" + name, true, depth, above);
  }
}

std::string in_words(std::uint64_t below) {
  return below == 0 ? std::string() : ", and so do " + std::to_string(below) + " below it";
}

class Planning final : public Tour {
 public:
  using Tour::Tour;

  [[nodiscard]] OwnershipPlan take() {
    for (auto& action : plan_.actions) {
      const bool opened = action.deed == Deed::chmod;
      const auto below = in_words(below_[action.plan.path]);
      action.plan.reason = opened ? "its permissions keep the cache's group out" + below
                                  : "it belongs to " + os::user_name(action.uid) + below;
      action.uid = context().uid;
    }
    return std::move(plan_);
  }

 private:
  void found(const os::GuardedDirectory&, const std::string&, const std::string& path, const os::Guarded& entry,
             Return what, const std::string& above) override {
    if (!above.empty()) {
      ++below_[within(above)];
      return;
    }
    Action action;
    action.deed = what == Return::open ? Deed::chmod : Deed::chown;
    action.seen = seen_of(entry.meta);
    action.uid = entry.meta.uid;  // whose it is; until it is put into words
    action.gid = context().gid;
    action.plan.action = to_string(action.deed);
    action.plan.group = RepairGroup::ownership;
    action.plan.finding = what == Return::open ? FindingId::no_access : FindingId::foreign_owner;
    action.plan.path = within(path);
    action.plan.needs_root = true;
    plan_.actions.push_back(std::move(action));
  }
  void blind(const std::string& path, const Error& error) override {
    plan_.blind.push_back({path, error.operation, error.cause});
  }

  OwnershipPlan plan_;
  std::map<std::string, std::uint64_t> below_;
};

class Giving final : public Tour {
 public:
  Giving(const Layout& layout, const AuditRequest& request, const os::CacheUser& user,
         const std::atomic<bool>* interrupted)
      : Tour(layout, request, user), interrupted_(interrupted), since_ns_(os::begin_guarding()) {}

  // Of the planned action for `path`; it covers all below it.
  [[nodiscard]] ActionResult result_of(const std::string& path) {
    const auto& tally = tallies_[path];
    if (!tally.trouble.empty()) return {Outcome::failed, tally.trouble, 0};
    if (tally.given == 0) return {Outcome::skipped, "it has changed meanwhile", 0};
    return {Outcome::done, {}, 0};
  }

 private:
  struct Tally {
    std::uint64_t given = 0;
    std::string trouble;  // the first
  };

  void found(const os::GuardedDirectory& folder, const std::string& name, const std::string& path,
             const os::Guarded& entry, Return what, const std::string& above) override {
    auto& tally = tallies_[within(above.empty() ? path : above)];
    const auto gid = context().shared ? context().hub_gid : context().gid;
    constexpr std::uint32_t owner_bits = 0700;
    const auto as_owner = entry.meta.mode | ((entry.meta.mode & owner_bits) >> 3U);
    const auto done = what == Return::open ? folder.set_mode(name, entry, as_owner, since_ns_)
                                           : folder.give(name, entry, context().uid, gid, since_ns_);
    if (done) ++tally.given;
    if (!done && done.error().code != ENOENT && tally.trouble.empty())
      tally.trouble = "cannot " + done.error().operation + " " + within(path) + ": " + done.error().cause;
  }
  void blind(const std::string&, const Error&) override {}  // told by the plan
  [[nodiscard]] bool stopped() const override { return interrupted_ != nullptr && interrupted_->load(); }

  const std::atomic<bool>* interrupted_;
  std::int64_t since_ns_;
  std::map<std::string, Tally> tallies_;
};

}  // namespace

OwnershipPlan plan_ownership(const Layout& layout, const AuditRequest& request, const os::CacheUser& user) {
  Planning planning(layout, request, user);
  planning.go();
  return planning.take();
}

void give_back(const Layout& layout, const AuditRequest& request, const os::CacheUser& user,
               const std::vector<Action>& actions,
               const std::function<void(const Action&, const ActionResult&)>& acted,
               const std::atomic<bool>* interrupted) {
  if (actions.empty()) return;
  Giving giving(layout, request, user, interrupted);
  giving.go();
  for (const auto& action : actions)
    acted(action, giving.result_of(action.plan.path));
}

}  // namespace hfaudit
