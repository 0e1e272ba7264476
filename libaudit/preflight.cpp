// preflight(): look; wait for whoever downloads; mend; look again.
#include "hfaudit/preflight.hpp"

#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>

#include "audit_run.hpp"
#include "hfaudit/repair.hpp"
#include "hfaudit/verify.hpp"
#include "model/blob_name.hpp"
#include "os/lock_file.hpp"
#include "os/privilege.hpp"
#include "os/program.hpp"
#include "os/write_fs.hpp"
#include "preflight_admit.hpp"
#include "preflight_online.hpp"
#include "pull/store_files.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr unsigned deepest = 48;

void see_folder(const os::Directory& folder, const std::string& prefix, unsigned depth, SnapshotSeen& seen) {
  std::vector<std::pair<std::string, FileType>> names;
  if (!folder.list([&](const os::DirectoryEntry& entry) { names.emplace_back(entry.name, entry.type); })) {
    seen.unreadable.push_back(prefix);
    return;
  }
  for (const auto& [name, type] : names) {
    const auto path = prefix.empty() ? name : prefix + "/" + name;
    if (type == FileType::directory) {
      const auto inner = depth < deepest ? folder.open_directory(name) : failure("enter", name, "too deep");
      if (inner)
        see_folder(*inner, path, depth + 1, seen);
      else
        seen.unreadable.push_back(path);
    } else {
      (folder.may_read(name) ? seen.files : seen.unreadable).push_back(path);
    }
  }
}

class Preflight {
 public:
  Preflight(const Layout& layout, const PreflightRequest& request, const PreflightEvents& events,
            const std::atomic<bool>* interrupted)
      : layout_(layout),
        request_(request),
        events_(events),
        interrupted_(interrupted),
        until_(Clock::now() + request.wait) {}

  [[nodiscard]] Result<PreflightResult> run();

 private:
  [[nodiscard]] Admission pass_or_not(const RepoRequest& repo);
  [[nodiscard]] Admission look(const RepoRequest& repo);
  [[nodiscard]] Result<Report> audit_of(const RepoRequest& repo) const;
  [[nodiscard]] SnapshotSeen see(const RepoRequest& repo, const std::string& commit) const;
  [[nodiscard]] Admission wait_for_others(const RepoRequest& repo, Admission last);
  [[nodiscard]] Admission mend_alone(const RepoRequest& repo, Admission last);
  void mend(const RepoRequest& repo, const Admission& last);
  [[nodiscard]] std::optional<Admission> ask_hub(const RepoRequest& repo, const Admission& here) const;
  void tell_waiting(const RepoRequest& repo) const;
  [[nodiscard]] bool is_interrupted() const { return interrupted_ != nullptr && interrupted_->load(); }
  // Returns soon after an interruption.
  void pause(Clock::duration how_long) const;

  const Layout& layout_;
  const PreflightRequest& request_;
  const PreflightEvents& events_;
  const std::atomic<bool>* interrupted_;
  Clock::time_point until_;
  std::int64_t started_ns_ = wall_clock_ns();
  Report report_;  // of the last look
};

// A client that names no revision means main.
RepoRequest with_revision(RepoRequest repo) {
  if (!repo.revision) repo.revision = "main";
  return repo;
}

std::string commit_of(const Report& report, const RepoRequest& repo) {
  const auto asked = repo.revision.value_or("main");
  for (const auto& one : report.repos) {
    if (one.repo != repo.repo) continue;
    for (const auto& revision : one.revisions) {
      const auto& refs = revision.refs;
      if (std::find(refs.begin(), refs.end(), asked) != refs.end()) return revision.commit;
    }
    for (const auto& revision : one.revisions) {
      constexpr std::size_t shortest = 7;
      if (asked.size() >= shortest && revision.commit.starts_with(asked)) return revision.commit;
    }
  }
  return {};
}

Result<Report> Preflight::audit_of(const RepoRequest& repo) const {
  auto what = request_.what;
  what.repos = {with_revision(repo)};
  what.whole_home = false;
  what.online = request_.online;
  if (request_.check == PreflightCheck::metadata || request_.check == PreflightCheck::structure)
    return audit(layout_, what, interrupted_);
  VerifyRequest how;
  if (request_.check == PreflightCheck::sample) {
    constexpr std::uint64_t gigabyte = 1'000'000'000;
    how.subset = Subset{0, 0, 0, gigabyte, "1G"};
    how.seed = std::random_device{}();
  }
  return verify(layout_, what, how, [](const VerifyProgress&) {}, interrupted_);
}

SnapshotSeen Preflight::see(const RepoRequest& repo, const std::string& commit) const {
  SnapshotSeen seen;
  const auto hub = os::Directory::open_root(layout_.hub_cache.path);
  const auto folder = hub ? hub->open_directory(repo.repo.folder(), true) : tl::unexpected(hub.error());
  const auto snapshots = folder ? folder->open_directory("snapshots", true) : tl::unexpected(folder.error());
  const auto snapshot = snapshots ? snapshots->open_directory(commit) : tl::unexpected(snapshots.error());
  if (!snapshot) return seen;
  seen.exists = true;
  see_folder(*snapshot, {}, 0, seen);
  return seen;
}

Admission Preflight::look(const RepoRequest& repo) {
  auto report = audit_of(repo);
  if (!report) {
    if (report.error().code == ENOENT) {
      auto what = request_.what;
      what.repos = {{repo.repo, std::nullopt}};
      what.online = false;
      auto whole = audit(layout_, what, interrupted_);
      return refuse_absent(whole ? &*whole : nullptr, repo, layout_.hub_cache.path);
    }
    Admission admission;
    admission.repo = repo;
    admission.code = 3;
    admission.why = printable(repo.repo.name()) + ": cannot " + report.error().operation + " " +
                    printable(report.error().subject) + ": " + report.error().cause;
    return admission;
  }
  report_ = std::move(*report);
  const auto commit = commit_of(report_, repo);
  auto admission = admit(report_, repo, commit, see(repo, commit), request_);
  if (!commit.empty())
    admission.snapshot = layout_.hub_cache.path + "/" + repo.repo.folder() + "/snapshots/" + commit;
  return admission;
}

void Preflight::pause(Clock::duration how_long) const {
  const auto end = Clock::now() + how_long;
  while (Clock::now() < end && !is_interrupted())
    std::this_thread::sleep_for(std::min<Clock::duration>(50ms, end - Clock::now()));
}

void Preflight::tell_waiting(const RepoRequest& repo) const {
  if (!events_.waiting) return;
  const auto commit = commit_of(report_, repo);
  for (const auto& one : report_.repos) {
    for (const auto& revision : one.revisions) {
      if (revision.commit == commit) events_.waiting(repo.repo, revision.bytes.present, revision.bytes.expected);
    }
  }
}

// A client holds nothing for a moment between two files: only several looks without anybody at work mean that it is
// over.
Admission Preflight::wait_for_others(const RepoRequest& repo, Admission last) {
  constexpr int enough = 3;
  for (int calm = 0; calm < enough && Clock::now() < until_ && !last.pass && !is_interrupted();) {
    tell_waiting(repo);
    pause(500ms);
    last = look(repo);
    calm = last.verdict == Verdict::in_progress ? 0 : calm + 1;
  }
  if (!last.pass && last.verdict == Verdict::in_progress && !is_interrupted())
    last.why += " (the time to wait is over)";
  return last;
}

// A repair, where there is something to repair; else a download, which also waits for whoever is at it. Root's
// repair of another user's cache gives root's rights up for good, which the command that follows may need: so it is
// a process of its own.
void Preflight::mend(const RepoRequest& repo, const Admission& last) {
  const bool whole = last.commit.empty() || request_.strict || last.verdict == Verdict::in_progress;
  PullRequest how = request_.pull;
  how.what = request_.what;
  how.what.repos = {with_revision(repo)};
  how.what.online = false;
  const auto told = events_.pulling ? events_.pulling : [](const PullProgress&) {};
  const auto work = [&]() -> int {
    if (!whole) {
      RepairRequest repair;
      repair.what = how.what;
      repair.pull = how;
      repair.verify = request_.check == PreflightCheck::full;
      repair.skip = {RepairGroup::ownership};
      return hfaudit::repair(layout_, repair, {{}, told, {}}, interrupted_) ? 0 : 1;
    }
    return hfaudit::pull(layout_, how, told, interrupted_) ? 0 : 1;
  };
  const auto user = find_cache_user(layout_, how.what);
  const bool apart = !whole && os::is_root() && user && user->uid() != 0;
  if (apart)
    (void)os::run_apart(work, interrupted_);
  else
    (void)work();
  if (request_.require.empty()) return;
  const auto after = look(repo);
  if (after.pass || after.why.find("no file that matches") == std::string::npos) return;
  how.what.include = request_.require;
  (void)hfaudit::pull(layout_, how, told, interrupted_);
}

// One process at a time, over the look, the repair and the look after it; the others find it done.
Admission Preflight::mend_alone(const RepoRequest& repo, Admission last) {
  const auto hub = os::make_root(layout_.hub_cache.path);
  const auto locks = hub ? enter(*hub, ".locks", Folders::made) : tl::unexpected(hub.error());
  const auto folder = locks ? enter(*locks, repo.repo.folder(), Folders::made) : tl::unexpected(locks.error());
  if (!folder) {
    last.why += " (cannot repair: " + folder.error().operation + " " + printable(folder.error().subject) + ": " +
                folder.error().cause + ")";
    last.code = std::max(last.code, 3);
    return last;
  }
  std::optional<os::LockFile> lock;
  while (!lock && !is_interrupted()) {
    auto taken = os::LockFile::take(*folder, std::string(preflight_lock), os::LockFile::Make::if_missing);
    if (!taken) break;  // a file system without locks: what each does is safe, only not done once
    lock = std::move(*taken);
    if (lock) break;
    last = look(repo);
    if (last.pass) return last;
    tell_waiting(repo);
    pause(500ms);
  }
  if (is_interrupted()) return last;
  last = look(repo);
  if (last.pass || last.code == 4) return last;
  mend(repo, last);
  return is_interrupted() ? last : look(repo);
}

// nullopt: nothing stands in the way.
std::optional<Admission> Preflight::ask_hub(const RepoRequest& repo, const Admission& here) const {
  std::optional<std::uint64_t> missing;
  if (!here.commit.empty()) missing = report_.bytes_missing;
  const auto said = ask_before(layout_, repo, here.commit, missing, interrupted_);
  if (said.code == 0) return std::nullopt;
  Admission admission = here;
  admission.repo = repo;
  admission.pass = false;
  admission.code = said.code;
  admission.why = printable(repo.repo.name()) + ": " + said.why;
  return admission;
}

Admission Preflight::pass_or_not(const RepoRequest& repo) {
  if (request_.online) {
    auto request = request_;
    request.online = false;
    request.check = PreflightCheck::metadata;
    const auto here = Preflight(layout_, request, events_, interrupted_).look(repo);
    if (const auto no = ask_hub(repo, here)) return *no;
  }
  auto admission = look(repo);
  if (!admission.pass && admission.verdict == Verdict::in_progress && request_.wait.count() > 0)
    admission = wait_for_others(repo, std::move(admission));
  const bool mendable = !admission.pass && admission.code != 4 && !is_interrupted();
  if (mendable && request_.repair) admission = mend_alone(repo, std::move(admission));
  return admission;
}

Result<PreflightResult> Preflight::run() {
  PreflightResult result;
  std::vector<Report> reports;
  for (const auto& repo : request_.what.repos) {
    report_ = Report{};
    result.admissions.push_back(pass_or_not(repo));
    reports.push_back(std::move(report_));
  }
  for (auto& report : reports) {
    auto& whole = result.report;
    if (whole.hub_cache.empty()) whole.looked_at = report.looked_at;
    if (!report.hub_cache.empty()) whole.hub_cache = report.hub_cache;
    std::move(report.repos.begin(), report.repos.end(), std::back_inserter(whole.repos));
    std::move(report.findings.begin(), report.findings.end(), std::back_inserter(whole.findings));
    std::move(report.blind.begin(), report.blind.end(), std::back_inserter(whole.blind));
    whole.bytes_present += report.bytes_present;
    whole.bytes_missing += report.bytes_missing;
    whole.bytes_reclaimable += report.bytes_reclaimable;
  }
  result.report.hf_home = layout_.hf_home.path;
  result.report.hub_cache = layout_.hub_cache.path;
  auto asked = request_.what;
  result.report.asked = asked_of(asked);
  complete_report(result.report, "preflight", started_ns_, wall_clock_ns());
  for (const int code : {2, 1, 3, 4}) {
    if (std::any_of(result.admissions.begin(), result.admissions.end(),
                    [&](const Admission& a) { return a.code == code; }))
      result.code = code;
  }
  return result;
}

}  // namespace

Result<PreflightResult> preflight(const Layout& layout, const PreflightRequest& request,
                                  const PreflightEvents& events, const std::atomic<bool>* interrupted) {
  if (request.what.repos.empty()) return failure("check", "nothing", "name a REPO");
  return Preflight(layout, request, events, interrupted).run();
}

}  // namespace hfaudit
