// The audit of a cache: the one way through. Walks, gathers evidence and judges one repo at a time,
// so that memory is bounded by the largest repo and not by the cache; then the home around them.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include "audit/hub_listings.hpp"
#include "audit/locked.hpp"
#include "audit/lookup.hpp"
#include "audit/report_places.hpp"
#include "audit/run.hpp"
#include "base/sum.hpp"
#include "cache/blob_name.hpp"
#include "cache/fingerprint.hpp"
#include "listings/locked.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/thread_pool.hpp"
#include "os/users.hpp"
#include "rules/check_home.hpp"
#include "rules/whole_revision.hpp"
#include "scan/gather.hpp"
#include "scan/walk.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

// One repo that is to be looked at.
struct Task {
  RepoId repo;
  std::string folder;
  std::optional<std::string> revision;  // as the user wrote it
  std::string commit;                   // that it meant at the first look, and means from then on
  bool moving = false;                  // somebody was at work
};

// A damaged repo that changed just before it was scanned.
struct RecentRepo {
  std::size_t repo = 0;  // in the list of tasks
  std::uint64_t fingerprint = 0;
};

class CacheAudit final : public AuditRun {
 public:
  CacheAudit(const Layout& layout, const AuditRequest& request, bool verifying,
             const std::stop_token& stop, os::Directory hub, os::CacheUser user,
             std::unique_ptr<HubListings> online)
      : layout_(layout),
        request_(request),
        stop_(stop),
        hub_(std::move(hub)),
        user_(std::move(user)),
        online_(std::move(online)),
        prefix_(within_home(layout, layout.hub_cache.path)) {
    context_.user_id = user_.uid();
    context_.user_name = user_.name();
    find_sharing();
    if (request.owner) context_.owner = user_.name() + ":" + os::group_name(user_.gid());
    context_.now_ns = wall_clock_ns();
    context_.stalled_after_ns = static_cast<std::int64_t>(request.stalled_after_s) * 1'000'000'000;
    context_.filter = {request.include, request.exclude};
    context_.verifying = verifying;
  }

  Result<void> inspect() override;
  void rescan(std::size_t repo, const ContentReads& reads) override;
  Report finish() override;
  [[nodiscard]] std::string path_of(std::size_t repo, const Content& content) const override {
    return tasks_[repo].folder + "/" + content.place;
  }
  [[nodiscard]] Result<os::Directory> ledger_folder(std::size_t repo) const override {
    return hub_.open_directory(tasks_[repo].folder, true);
  }
  [[nodiscard]] std::string ledger_name(std::size_t repo) const override {
    return tasks_[repo].folder;
  }
  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t repo,
                                                       const Content& content) const override;

 private:
  void find_sharing();
  [[nodiscard]] Result<std::vector<Task>> asked_tasks();
  [[nodiscard]] std::vector<Task> all_tasks() const;
  void inspect_at(std::size_t repo, const ContentReads* reads);
  [[nodiscard]] const std::vector<Partial>* partials_for(const RepoInventory& inventory);
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }
  [[nodiscard]] static bool any_error(const Judgement& judgement);
  void note_if_recent(std::size_t repo, const RepoInventory& inventory);
  void rescan_recent();
  [[nodiscard]] bool is_locked(const RepoRequest& asked) const {
    return request_.locked && asked.revision &&
           find_locked(*request_.locked, asked.repo, *asked.revision) != nullptr;
  }
  [[nodiscard]] bool is_locked(const Task& task) const {
    return is_locked(RepoRequest{task.repo, task.revision});
  }
  void miss_revision(const RepoInventory& inventory, const Evidence& evidence, const Task& task);
  void take(Judgement judgement, const RepoInventory& inventory, std::size_t repo);
  void finish_home(Report& report, const std::set<FileKey>& used_payloads);
  [[nodiscard]] std::string placed(const std::string& path) const {
    return prefix_ == "." ? path : prefix_ + "/" + path;
  }

  const Layout& layout_;
  const AuditRequest& request_;
  std::stop_token stop_;
  os::Directory hub_;
  os::CacheUser user_;
  os::Processes processes_{may_be_partial};
  std::unique_ptr<HubListings> online_;  // null: the Hub is not asked
  std::string prefix_;
  CheckContext context_;
  HomeInventory home_;
  std::vector<RecentRepo> recent_;
  std::vector<Task> tasks_;  // parallel to repos_
  std::vector<NotFound> not_found_;
  std::once_flag partials_once_;
  std::vector<Partial> hub_partials_;  // set by inspect() or partials_for()
  std::mutex mutex_;
};

// Access is judged for the user and, where the hub folder declares sharing, for its group. A user
// without write access to the hub folder of another user only reads the cache.
void CacheAudit::find_sharing() {
  const auto hub = hub_.stat_self();
  if (!hub) {
    home_.things.unreadable.push_back({prefix_, hub.error().operation, hub.error().cause});
    return;
  }
  constexpr std::uint32_t others_write = 022;
  context_.shared_cache = (hub->mode & others_write) != 0;
  const auto& path = layout_.hub_cache.path;
  const auto owner = find_cache_owner(layout_, request_);
  const bool theirs = user_.uid() == 0 || request_.owner || (owner && owner->uid == user_.uid());
  context_.reads_only = !theirs && !user_.access(*hub, path).write;
  if (context_.reads_only) return;
  context_.sharing = os::sharing_declared_by(*hub, path);
  user_.share_with(context_.sharing);
  if (context_.sharing) context_.group_name = os::group_name(context_.sharing->gid);
}

// One name that is wrong beside others is no reason to leave those out.
Result<std::vector<Task>> CacheAudit::asked_tasks() {
  std::vector<Task> tasks;
  for (const auto& asked : request_.repos) {
    const auto folder = asked.repo.folder();
    const auto meta = hub_.stat(folder);
    if (!meta && !(os::is_absent(meta.error()) && is_locked(asked))) {
      if (!os::is_absent(meta.error())) {
        home_.things.unreadable.push_back(
            {placed(folder), meta.error().operation, meta.error().cause});
        continue;
      }
      auto cause = std::string("not in the cache");
      if (const auto elsewhere = find_elsewhere(layout_, asked.repo); !elsewhere.empty())
        cause += "; " + elsewhere;
      not_found_.push_back({asked.name(), std::move(cause)});
      continue;
    }
    const bool twice = std::any_of(tasks.begin(), tasks.end(), [&](const Task& task) {
      return task.folder == folder && task.revision == asked.revision;
    });
    if (!twice) tasks.push_back({asked.repo, folder, asked.revision, {}, false});
  }
  // Whatever their order on the command line: the parts of a job are dealt from this list.
  std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) {
    return std::tie(a.folder, a.revision) < std::tie(b.folder, b.revision);
  });
  return tasks;
}

std::vector<Task> CacheAudit::all_tasks() const {
  std::vector<Task> tasks;
  for (const auto& folder : home_.repo_folders) {
    if (const auto repo = parse_repo_folder(folder))
      tasks.push_back({*repo, folder, std::nullopt, {}, false});
  }
  return tasks;
}

// The hub folder of thousands of repos is listed only where a file in it could explain something.
const std::vector<Partial>* CacheAudit::partials_for(const RepoInventory& inventory) {
  if (request_.repos.empty()) return &hub_partials_;  // walk_hub() has seen all of them
  const bool begun =
      std::any_of(inventory.locks.begin(), inventory.locks.end(), [&](const Lock& lock) {
        return looks_like_etag(lock.etag) && inventory.find_blob(lock.etag) < 0;
      });
  if (!begun && !inventory.locks.empty()) return nullptr;
  if (!begun && !hub_.stat("tmp")) return nullptr;
  std::call_once(partials_once_, [this] {
    const HomeContext around{layout_, user_, processes_, context_.now_ns};
    hub_partials_ = find_hub_partials(around, hub_);
  });
  return &hub_partials_;
}

void CacheAudit::inspect_at(std::size_t repo, const ContentReads* reads) {
  auto& task = tasks_[repo];
  const WalkContext walk{hub_, layout_.hub_cache.path, user_, processes_, context_.now_ns};
  auto [inventory, evidence] = scan_repo(walk, task.repo, task.folder);
  auto context = context_;
  context.reads = reads;
  context.moving = task.moving;
  context.hub_partials = partials_for(inventory);
  if (task.revision && task.commit.empty()) {
    const auto commit = resolve_revision(inventory, *task.revision);
    const bool all_seen = inventory.unreadable.empty() && inventory.dead_links.empty();
    if (!commit && all_seen && !is_locked(task)) return miss_revision(inventory, evidence, task);
    // with a folder that could not be listed it may be there
    task.commit = commit.value_or(*task.revision);
  }
  context.asked_revision = task.commit;
  if (request_.locked) add_locked(*request_.locked, task.commit, inventory, evidence);
  if (online_) online_->add_to(evidence, inventory, context.asked_revision);
  auto judgement = judge(inventory, evidence, context);
  if (reads == nullptr && !task.moving && any_error(judgement)) note_if_recent(repo, inventory);
  take(std::move(judgement), inventory, repo);
}

void CacheAudit::miss_revision(const RepoInventory& inventory, const Evidence& evidence,
                               const Task& task) {
  std::string cause = "no such revision in the cache";
  const auto report = judge(inventory, evidence, context_).report;
  if (const auto* whole = whole_revision(report.revisions, {}))
    cause += "; " + in_words(task.repo, *whole);
  const std::scoped_lock lock(mutex_);
  not_found_.push_back({RepoRequest{task.repo, task.revision}.name(), std::move(cause)});
}

void CacheAudit::rescan(std::size_t repo, const ContentReads& reads) {
  inspect_at(repo, &reads);
}

bool CacheAudit::any_error(const Judgement& judgement) {
  return std::any_of(judgement.findings.begin(), judgement.findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

// Between two files a client leaves nothing to see: no lock, no open file. So where something is
// missing in a repo that changed just now, a second look decides: what changes meanwhile is being
// downloaded. A scan that failed in part shows no change by its difference from another.
void CacheAudit::note_if_recent(std::size_t repo, const RepoInventory& inventory) {
  if (!inventory.unreadable.empty()) return;
  constexpr std::int64_t just_now_ns = 30LL * 1'000'000'000;
  if (wall_clock_ns() - last_change_ns(inventory) > just_now_ns) return;
  const std::scoped_lock lock(mutex_);
  recent_.push_back({repo, fingerprint(inventory)});
}

// One pause for all of them. Most have not changed, which their names and sizes show.
void CacheAudit::rescan_recent() {
  constexpr auto pause = std::chrono::milliseconds(400), slice = std::chrono::milliseconds(50);
  if (recent_.empty()) return;
  const auto end = std::chrono::steady_clock::now() + pause;
  while (std::chrono::steady_clock::now() < end && !is_interrupted())
    std::this_thread::sleep_for(slice);
  os::parallel_for(recent_.size(), request_.jobs, stop_, [&](std::size_t i) {
    auto& task = tasks_[recent_[i].repo];
    const WalkContext walk{hub_, layout_.hub_cache.path, user_, processes_, context_.now_ns};
    const auto now = list_repo(walk, task.repo, task.folder);
    if (!now.unreadable.empty() || fingerprint(now) == recent_[i].fingerprint) return;
    task.moving = true;
    inspect_at(recent_[i].repo, nullptr);
  });
}

// Each repo has a place of its own in repos_, so threads need no lock.
void CacheAudit::take(Judgement judgement, const RepoInventory& inventory, std::size_t repo) {
  judgement.report.path = placed(judgement.report.path);
  for (auto& finding : judgement.findings)
    finding.path = placed(finding.path);
  RepoOutcome outcome;
  for (const auto* unreadable : std::initializer_list<const std::vector<Unreadable>*>{
           &inventory.unreadable, &judgement.unread}) {
    for (const auto& place : *unreadable)
      outcome.unreadable.push_back({placed(place.path), place.operation, place.cause});
  }
  for (const auto& place : judgement.noted)
    outcome.noted.push_back({placed(place.path), place.operation, place.cause});
  for (const auto& blob : inventory.blobs) {
    if (blob.shared && blob.payload) outcome.shared_payloads.push_back(blob.payload->key);
  }
  outcome.judgement = std::move(judgement);
  repos_[repo] = std::move(outcome);
}

Result<std::unique_ptr<os::File>> CacheAudit::open(std::size_t repo, const Content& content) const {
  const auto folder = hub_.open_directory(tasks_[repo].folder, true);
  if (folder) return open_content(*folder, content);
  if (os::is_absent(folder.error())) return std::unique_ptr<os::File>();
  return tl::unexpected(folder.error());
}

void CacheAudit::finish_home(Report& report, const std::set<FileKey>& used_payloads) {
  const bool everything = request_.repos.empty();
  const HomeContext around{layout_, user_, processes_, context_.now_ns};
  if (everything && request_.whole_home && !is_interrupted()) walk_home(around, home_);
  if (!everything) note_access(around, hub_, home_);  // a repo is of no use to who may not reach it
  // a repo that was not read in full may use any payload
  const bool all_used_known =
      everything && report.unreadable.empty() && home_.things.unreadable.empty();
  for (auto& finding : check_home(home_, all_used_known ? &used_payloads : nullptr, context_)) {
    // a partial file in the hub folder that a repo's lock explains
    const bool attributed =
        finding.id == FindingId::orphan_partial &&
        std::any_of(report.findings.begin(), report.findings.end(),
                    [&](const Finding& other) { return other.path == finding.path && other.repo; });
    if (attributed) continue;
    const bool reclaimable = finding.id == FindingId::orphan_partial ||
                             finding.id == FindingId::orphan_blob ||
                             finding.id == FindingId::temp_debris;
    if (reclaimable) add_size(report.bytes_reclaimable, finding.bytes);
    report.findings.push_back(std::move(finding));
  }
  for (auto& unreadable : home_.things.unreadable)
    report.unreadable.push_back(std::move(unreadable));
  for (auto& noted : home_.things.unread_listings)
    report.noted.push_back(std::move(noted));
}

Result<void> CacheAudit::inspect() {
  const bool everything = request_.repos.empty();
  const HomeContext around{layout_, user_, processes_, context_.now_ns};
  if (everything) {
    walk_hub(around, hub_, home_);
    hub_partials_ = hub_partials_of(around, home_);
  }
  if (everything && home_.repo_folders.empty() && hub_.open_directory("hub")) {
    return failure("use", layout_.hub_cache.path,
                   "this is a Hugging Face home with a hub in it: name it by --hf-home");
  }
  auto tasks = everything ? Result<std::vector<Task>>(all_tasks()) : asked_tasks();
  if (!tasks) return tl::unexpected(tasks.error());
  tasks_ = std::move(*tasks);
  repos_.resize(tasks_.size());
  os::parallel_for(tasks_.size(), request_.jobs, stop_,
                   [&](std::size_t i) { inspect_at(i, nullptr); });
  rescan_recent();
  if (not_found_.size() == 1 && request_.repos.size() == 1)
    return failure("find", not_found_.front().name, not_found_.front().cause, ENOENT);
  return {};
}

Report CacheAudit::finish() {
  Report report;
  std::set<FileKey> used_payloads;
  for (auto& [judgement, unreadable, noted, payloads] : repos_) {
    if (judgement.report.path.empty()) continue;  // interrupted before it was looked at
    report.repos.push_back(std::move(judgement.report));
    std::move(judgement.findings.begin(), judgement.findings.end(),
              std::back_inserter(report.findings));
    std::move(unreadable.begin(), unreadable.end(), std::back_inserter(report.unreadable));
    std::move(noted.begin(), noted.end(), std::back_inserter(report.noted));
    used_payloads.insert(payloads.begin(), payloads.end());
    add_size(report.bytes_present, judgement.bytes_present);
    add_size(report.bytes_missing, judgement.bytes_missing);
    add_size(report.bytes_reclaimable, judgement.bytes_reclaimable);
  }
  finish_home(report, used_payloads);
  fold_nested_access(report.findings);
  if (report.bytes_missing != 0) {
    if (auto low = check_space(report.bytes_missing, hub_.free_bytes(), prefix_))
      report.findings.push_back(*low);
  }
  if (online_) {
    for (auto& unreadable : online_->take_unreadable()) {
      if (unreadable.refused) unreadable.path = placed(unreadable.path);
      report.unreadable.push_back(std::move(unreadable));
    }
  }
  report.not_found = std::move(not_found_);
  add_reasons(report, request_);
  name_places(report, layout_, request_);
  return report;
}

}  // namespace

Result<std::unique_ptr<AuditRun>> begin_cache_audit(const Layout& layout,
                                                    const AuditRequest& request, bool verifying,
                                                    const std::stop_token& stop) {
  const auto& path = layout.hub_cache.path;
  auto hub = os::Directory::open_root(path);
  if (!hub && hub.error().code == ENOENT) {
    if (auto unreachable = make_unreachable_audit(layout, request)) return unreachable;
    if (request.locked) return make_absent_audit(layout, request);
    return begin_audit_without_hub(layout, request);
  }
  if (!hub && hub.error().code == ENOTDIR) return failure("open", path, "not a folder", ENOTDIR);
  if (!hub) return tl::unexpected(hub.error());
  auto user = find_cache_user(layout, request);
  if (!user) return tl::unexpected(user.error());
  Result<std::unique_ptr<HubListings>> online;
  if (request.online) online = HubListings::open(layout, verifying, stop);
  if (!online) return tl::unexpected(online.error());
  return std::make_unique<CacheAudit>(layout, request, verifying, stop, std::move(*hub),
                                      std::move(*user), std::move(*online));
}

}  // namespace hfaudit
