// audit(): the one way through. Walks, gathers evidence and judges one repo at a time, so that memory is bounded by
// the largest repo and not by the cache; then the home around them.
#include "hfaudit/audit.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "audit_local.hpp"
#include "check/check_home.hpp"
#include "check/judge.hpp"
#include "model/motion.hpp"
#include "os/crew.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/users.hpp"
#include "scan/gather.hpp"
#include "scan/walk.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// One repo that is to be looked at.
struct Task {
  RepoId repo;
  std::string folder;
  std::optional<std::string> revision;  // as the user wrote it
};

// The commit that the user's words mean in this repo: a ref's name, a commit, or the beginning of one.
std::optional<std::string> resolve_revision(const RepoInventory& repo, const std::string& asked) {
  for (const auto& ref : repo.refs) {
    if (ref.name == asked && !ref.commit.empty()) return ref.commit;
  }
  std::optional<std::string> found;
  for (const auto& revision : repo.revisions) {
    if (revision.commit == asked) return asked;
    if (asked.size() >= 7 && revision.commit.starts_with(asked)) {
      if (found) return std::nullopt;  // ambiguous
      found = revision.commit;
    }
  }
  return found;
}

Result<os::CacheUser> find_user(const AuditRequest& request, const std::string& home, const std::string& fallback) {
  if (request.owner) return os::CacheUser::parse(*request.owner);
  for (const auto& path : {home, fallback}) {
    const auto folder = os::Directory::open_root(path);
    const auto meta = folder ? folder->stat_self() : Result<Meta>(tl::unexpected(folder.error()));
    if (meta) return os::CacheUser(meta->uid, meta->gid);
  }
  return failure("open", home, "no such folder", ENOENT);
}

class Auditor {
 public:
  Auditor(const Layout& layout, const AuditRequest& request, const std::atomic<bool>* interrupted,
          os::Directory hub, os::CacheUser user)
      : layout_(layout),
        request_(request),
        interrupted_(interrupted),
        hub_(std::move(hub)),
        user_(std::move(user)),
        prefix_(within_home(layout, layout.hub_cache.path)) {
    context_.user_id = user_.uid();
    context_.user_name = user_.name();
    if (request.owner) context_.owner = user_.name() + ":" + os::group_name(user_.gid());
    context_.now_ns = now_ns();
    context_.stalled_after_ns = static_cast<std::int64_t>(request.stalled_after_s) * 1'000'000'000;
    context_.filter = {request.include, request.exclude};
    constexpr std::uint32_t others_write = 022;
    if (const auto meta = hub_.stat_self()) context_.shared_cache = (meta->mode & others_write) != 0;
  }

  Result<Report> run();

 private:
  [[nodiscard]] Result<std::vector<Task>> asked_tasks() const;
  [[nodiscard]] std::vector<Task> all_tasks() const;
  void look_at(const Task& task, std::size_t slot);
  [[nodiscard]] static bool any_error(const Judgement& judgement);
  [[nodiscard]] static std::optional<SeenRepo> look_again(const WalkContext& walk, const Task& task,
                                                          const RepoInventory& before);
  void take(Judgement judgement, const RepoInventory& inventory, std::size_t slot);
  void finish_home();
  [[nodiscard]] std::string placed(const std::string& path) const {
    return prefix_ == "." ? path : prefix_ + "/" + path;
  }

  const Layout& layout_;
  const AuditRequest& request_;
  const std::atomic<bool>* interrupted_;
  os::Directory hub_;
  os::CacheUser user_;
  os::Processes processes_;
  std::string prefix_;
  CheckContext context_;
  HomeInventory home_;
  Report report_;
  std::vector<std::optional<RepoReport>> slots_;
  std::set<FileKey> used_payloads_;
  std::optional<Error> failed_;
  std::mutex mutex_;
};

Result<std::vector<Task>> Auditor::asked_tasks() const {
  std::vector<Task> tasks;
  for (const auto& asked : request_.repos) {
    const auto folder = asked.repo.folder();
    if (const auto meta = hub_.stat(folder); !meta) {
      if (os::is_absent(meta.error())) return failure("find", asked.repo.id, "not in the cache", ENOENT);
      return tl::unexpected(meta.error());
    }
    const bool twice = std::any_of(tasks.begin(), tasks.end(), [&](const Task& task) {
      return task.folder == folder && task.revision == asked.revision;
    });
    if (!twice) tasks.push_back({asked.repo, folder, asked.revision});
  }
  return tasks;
}

std::vector<Task> Auditor::all_tasks() const {
  std::vector<Task> tasks;
  for (const auto& folder : home_.repo_folders) {
    if (const auto repo = parse_repo_folder(folder)) tasks.push_back({*repo, folder, std::nullopt});
  }
  return tasks;
}

void Auditor::look_at(const Task& task, std::size_t slot) {
  const WalkContext walk{hub_, layout_.hub_cache.path, user_, processes_, context_.now_ns};
  auto [inventory, evidence] = look_into_repo(walk, task.repo, task.folder);
  auto context = context_;
  if (task.revision) {
    const auto commit = resolve_revision(inventory, *task.revision);
    if (!commit) {
      const std::scoped_lock lock(mutex_);
      failed_ = Error{"find", task.repo.id + "@" + *task.revision, "no such revision in the cache", ENOENT};
      return;
    }
    context.asked_revision = *commit;
  }
  auto judgement = judge(inventory, evidence, context);
  if (any_error(judgement)) {
    if (auto moved = look_again(walk, task, inventory)) {
      context.moving = true;
      return take(judge(moved->inventory, moved->evidence, context), moved->inventory, slot);
    }
  }
  take(std::move(judgement), inventory, slot);
}

bool Auditor::any_error(const Judgement& judgement) {
  return std::any_of(judgement.findings.begin(), judgement.findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

// Between two files a client leaves nothing to see: no lock, no open file. So where something is missing in a repo
// that changed just now, a second look decides: what changes meanwhile is being downloaded.
std::optional<SeenRepo> Auditor::look_again(const WalkContext& walk, const Task& task,
                                            const RepoInventory& before) {
  constexpr std::int64_t just_now_ns = 30LL * 1'000'000'000;
  if (now_ns() - last_change_ns(before) > just_now_ns) return std::nullopt;
  const auto first = fingerprint(before);
  for (const auto pause : {std::chrono::milliseconds(100), std::chrono::milliseconds(300)}) {
    std::this_thread::sleep_for(pause);
    auto after = look_into_repo(walk, task.repo, task.folder);
    if (fingerprint(after.inventory) != first) return after;
  }
  return std::nullopt;
}

void Auditor::take(Judgement judgement, const RepoInventory& inventory, std::size_t slot) {
  const std::scoped_lock lock(mutex_);
  judgement.report.path = placed(judgement.report.path);
  slots_[slot] = std::move(judgement.report);
  for (auto& finding : judgement.findings) {
    finding.path = placed(finding.path);
    report_.findings.push_back(std::move(finding));
  }
  for (const auto& blind : inventory.blind)
    report_.blind.push_back({placed(blind.path), blind.operation, blind.cause});
  for (const auto& blob : inventory.blobs) {
    if (blob.shared && blob.payload) used_payloads_.insert(blob.payload->key);
  }
  report_.bytes_present += judgement.bytes_present;
  report_.bytes_missing += judgement.bytes_missing;
  report_.bytes_reclaimable += judgement.bytes_reclaimable;
}

void Auditor::finish_home() {
  auto findings = check_home(home_, request_.repos.empty() ? &used_payloads_ : nullptr, context_);
  for (auto& finding : findings) {
    const bool reclaimable = finding.id == FindingId::orphan_partial || finding.id == FindingId::orphan_blob ||
                             finding.id == FindingId::temp_debris;
    if (reclaimable) report_.bytes_reclaimable += finding.bytes;
    report_.findings.push_back(std::move(finding));
  }
  for (auto& blind : home_.things.blind)
    report_.blind.push_back(std::move(blind));
}

Result<Report> Auditor::run() {
  const bool everything = request_.repos.empty();
  const HomeContext around{layout_, user_, processes_, context_.now_ns};
  if (everything) walk_hub(around, hub_, home_);
  if (everything && home_.repo_folders.empty() && hub_.open_directory("hub")) {
    return failure("use", layout_.hub_cache.path,
                   "this is a Hugging Face home with a hub in it: name it by --hf-home");
  }
  auto tasks = everything ? Result<std::vector<Task>>(all_tasks()) : asked_tasks();
  if (!tasks) return tl::unexpected(tasks.error());
  slots_.resize(tasks->size());
  os::work_off(tasks->size(), request_.jobs, interrupted_, [&](std::size_t i) { look_at((*tasks)[i], i); });
  if (failed_) return tl::unexpected(*failed_);
  if (everything && request_.whole_home) walk_home(around, home_);
  if (!everything) note_way_in(around, hub_, home_);  // a repo is of no use to who may not reach it
  finish_home();
  fold_nested_access(report_.findings);
  for (auto& slot : slots_) {
    if (slot) report_.repos.push_back(std::move(*slot));
  }
  if (report_.bytes_missing != 0) {
    if (auto low = check_space(report_.bytes_missing, hub_.free_bytes(), prefix_)) report_.findings.push_back(*low);
  }
  return std::move(report_);
}

// Worst first; within a severity by repo, then by path, so that two runs print the same.
void sort_findings(std::vector<Finding>& findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    if (a.repo != b.repo) return a.repo < b.repo;
    if (a.id != b.id) return a.id < b.id;
    return a.path < b.path;
  });
}

LookedAt looked_at(std::string what, const Place& place) {
  return {std::move(what), place.path, place.because, os::Directory::open_root(place.path).has_value()};
}

Result<Report> audit_cache(const Layout& layout, const AuditRequest& request,
                           const std::atomic<bool>* interrupted) {
  const auto& path = layout.hub_cache.path;
  auto hub = os::Directory::open_root(path);
  Report report;
  if (hub) {
    const auto in_home = within_home(layout, path) != path;
    auto user = find_user(request, in_home ? layout.hf_home.path : path, path);
    if (!user) return tl::unexpected(user.error());
    auto done = Auditor(layout, request, interrupted, std::move(*hub), std::move(*user)).run();
    if (!done) return done;
    report = std::move(*done);
  } else if (hub.error().code == ENOENT) {
    return failure("open", path, "no such cache", ENOENT);
  } else if (hub.error().code == ENOTDIR) {
    return failure("open", path, "not a folder", ENOTDIR);
  } else {
    report.blind.push_back({within_home(layout, path), hub.error().operation, hub.error().cause});
  }
  report.hf_home = layout.hf_home.path;
  report.hub_cache = path;
  const bool home_too = request.repos.empty() && request.whole_home;
  if (home_too) report.looked_at.push_back(looked_at("home", layout.hf_home));
  report.looked_at.push_back({"hub", path, layout.hub_cache.because, true});
  if (home_too) {
    report.xet_cache = layout.xet_cache.path;
    report.looked_at.push_back(looked_at("xet", layout.xet_cache));
    report.looked_at.push_back(looked_at("datasets", layout.datasets_cache));
    report.looked_at.push_back(looked_at("assets", layout.assets_cache));
  }
  return report;
}

}  // namespace

Result<Report> audit(const Layout& layout, const AuditRequest& request, const std::atomic<bool>* interrupted) {
  const auto begin = Clock::now();
  const auto started = now_ns() / 1'000'000'000;
  auto report = request.local_dir ? audit_local_dir(request) : audit_cache(layout, request, interrupted);
  if (!report) return report;
  sort_findings(report->findings);
  report->command = "scan";
  report->host = host_name();
  report->started_at = started;
  report->duration_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count());
  return report;
}

}  // namespace hfaudit
