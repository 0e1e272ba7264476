#include "audit/cache_audit.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <thread>
#include <tuple>

#include "audit/locked.hpp"
#include "audit/lookup.hpp"
#include "base/fnmatch.hpp"
#include "cache/blob_name.hpp"
#include "cache/fingerprint.hpp"
#include "os/thread_pool.hpp"
#include "os/unix_time.hpp"
#include "rules/check_home.hpp"
#include "rules/whole_revision.hpp"
#include "scan/gather.hpp"
#include "scan/walk.hpp"

namespace hfaudit {

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

// A wrong name beside right ones leaves the right ones in.
Result<std::vector<CacheAudit::Task>> CacheAudit::asked_tasks() {
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
    if (!twice) tasks.push_back({asked.repo, folder, asked.revision, {}, false, asked.only});
  }
  // Independent of their order on the command line: the parts of a job are taken from this list.
  std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) {
    return std::tie(a.folder, a.revision) < std::tie(b.folder, b.revision);
  });
  return tasks;
}

std::vector<CacheAudit::Task> CacheAudit::all_tasks() const {
  std::vector<Task> tasks;
  for (const auto& folder : home_.repo_folders) {
    if (const auto repo = parse_repo_folder(folder))
      tasks.push_back({*repo, folder, std::nullopt, {}, false});
  }
  return tasks;
}

// The hub folder of thousands of repos is listed only where a file in it could explain something.
const std::vector<Partial>* CacheAudit::partials_for(const RepoInventory& inventory) {
  if (request_.repos.empty()) return &hub_partials_;  // walk_hub() has listed all of them
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
  if (!task.only.empty()) {
    context.filter = {};
    for (const auto& path : task.only)
      context.filter.include.push_back(fnmatch_quote(path));
  }
  context.hub_partials = partials_for(inventory);
  if (task.revision && task.commit.empty()) {
    const auto commit = resolve_revision(inventory, *task.revision);
    const bool all_seen = inventory.unreadable.empty() && inventory.dead_links.empty();
    if (!commit && all_seen && !is_locked({task.repo, task.revision}))
      return miss_revision(inventory, evidence, task);
    // in an unreadable folder it may exist
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

// Between two files a client is invisible: without a lock or an open file. So if a file is missing
// in a repo that changed just now, a second scan decides: a repo that changes meanwhile is being
// downloaded. A scan that failed in part is useless for the comparison.
void CacheAudit::note_if_recent(std::size_t repo, const RepoInventory& inventory) {
  if (!inventory.unreadable.empty()) return;
  if (!changed_just_now(inventory, unix_time_ns())) return;
  const std::scoped_lock lock(mutex_);
  recent_.push_back({repo, fingerprint(inventory)});
}

// One pause for all of them. Most are unchanged, which their names and sizes show.
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

// Each repo has a place of its own in repos_, so threads work without a lock.
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
  const auto folder = hub_.open_directory(tasks_[repo].folder, os::Links::follow);
  if (folder) return open_content(*folder, content);
  if (os::is_absent(folder.error())) return std::unique_ptr<os::File>();
  return tl::unexpected(folder.error());
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
                   "this is a Hugging Face home, with the cache in its folder hub; use --hf-home");
  }
  auto tasks = everything ? Result<std::vector<Task>>(all_tasks()) : asked_tasks();
  if (!tasks) return tl::unexpected(tasks.error());
  tasks_ = std::move(*tasks);
  repos_.resize(tasks_.size());
  AuditProgress unseen;
  AuditProgress& progress = request_.progress ? *request_.progress : unseen;
  progress.repos_done = 0;
  progress.repos_total = tasks_.size();
  os::parallel_for(tasks_.size(), request_.jobs, stop_, [&](std::size_t i) {
    inspect_at(i, nullptr);
    ++progress.repos_done;
  });
  rescan_recent();
  if (not_found_.size() == 1 && request_.repos.size() == 1)
    return failure("find", not_found_.front().name, not_found_.front().cause, ENOENT);
  return {};
}

namespace {

// No repo, and no trace of a client: an empty folder, the root of an empty disk with its
// `lost+found`, a folder of something else.
bool holds_no_cache(const std::string& path) {
  constexpr std::array<std::string_view, 4> of_clients{"CACHEDIR.TAG", "blobs", "version.txt",
                                                       "version_diffusers_cache.txt"};
  const auto folder = os::Directory::open_root(path);
  bool none = true;
  const auto note = [&](const os::DirectoryEntry& entry) {
    const std::string_view name = entry.name;
    constexpr std::size_t sha256 = 64;  // of a URL: huggingface_hub before 0.8
    const bool flat = name.size() >= sha256 && is_hex(name.substr(0, sha256));
    const bool client = flat || name == "tmp" || is_python_temporary(name) ||
                        name.starts_with(".locks") || name.find("--") != std::string_view::npos ||
                        std::find(of_clients.begin(), of_clients.end(), name) != of_clients.end();
    none = none && !client;
  };
  return folder && folder->list(note) && none;
}

}  // namespace

Result<std::unique_ptr<AuditRun>> begin_cache_audit(const Layout& layout,
                                                    const AuditRequest& request,
                                                    AuditPurpose purpose,
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
  // An empty hub, such as the mount point of an unmounted disk, is an error rather than a clean
  // cache.
  if (request.repos.empty() && !request.may_be_empty && holds_no_cache(path)) {
    if (auto rest = begin_audit_without_hub(layout, request); !rest) return rest;
  }
  auto user = find_cache_user(layout, request);
  if (!user) return tl::unexpected(user.error());
  Result<std::unique_ptr<HubListings>> online;
  if (request.online) online = HubListings::open(layout, listing_cache_for(purpose), stop);
  if (!online) return tl::unexpected(online.error());
  return std::make_unique<CacheAudit>(layout, request, purpose, stop, std::move(*hub),
                                      std::move(*user), std::move(*online));
}

}  // namespace hfaudit
