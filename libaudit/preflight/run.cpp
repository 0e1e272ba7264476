// preflight(): scan; wait for other downloads; repair; scan again.
#include <algorithm>
#include <thread>

#include "base/sum.hpp"
#include "cache/blob_name.hpp"
#include "os/lock_file.hpp"
#include "os/unix_time.hpp"
#include "os/write_fs.hpp"
#include "preflight/admit.hpp"
#include "preflight/online.hpp"
#include "preflight/preflight_run.hpp"
#include "preflight/refusal.hpp"
#include "store/files.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Sums the content that was read: the advised repair reads as much.
void add(std::optional<Verified>& whole, const std::optional<Verified>& part) {
  if (!part) return;
  if (!whole) {
    whole = part;
    return;
  }
  const auto sum = [](FileTotals& to, const FileTotals& from) {
    to.files += from.files;
    add_size(to.bytes, from.bytes);
  };
  sum(whole->proven, part->proven);
  sum(whole->unverifiable, part->unverifiable);
  sum(whole->left, part->left);
  sum(whole->total, part->total);
  sum(whole->trusted, part->trusted);
  const bool both = whole->oldest_proof_s && part->oldest_proof_s;
  whole->oldest_proof_s =
      both ? std::optional(std::max(*whole->oldest_proof_s, *part->oldest_proof_s)) : std::nullopt;
  whole->seconds += part->seconds;
  whole->subset = part->subset;
}

}  // namespace

void Preflight::pause(Clock::duration how_long) const {
  const auto end = Clock::now() + how_long;
  while (Clock::now() < end && !is_interrupted())
    std::this_thread::sleep_for(std::min<Clock::duration>(50ms, end - Clock::now()));
}

void Preflight::report_waiting(const RepoRequest& repo) const {
  if (!events_.waiting) return;
  const auto commit = commit_of(report_, repo);
  for (const auto& one : report_.repos) {
    for (const auto& revision : one.revisions) {
      if (revision.commit != commit) continue;
      return events_.waiting(repo.repo, revision.bytes.present, revision.bytes.expected);
    }
  }
  events_.waiting(repo.repo, 0, std::nullopt);
}

// Between two files a client is invisible for a moment: only several scans without a client mean
// that the download is over.
Admission Preflight::wait_for_others(const RepoRequest& repo) {
  constexpr int enough = 3;
  auto last = inspect(repo, Depth::quick);
  if (last.verdict != Verdict::in_progress) return inspect(repo);
  for (int calm = 0; calm < enough && Clock::now() < until_ && !last.pass && !is_interrupted();) {
    report_waiting(repo);
    pause(500ms);
    last = inspect(repo, Depth::quick);
    calm = last.verdict == Verdict::in_progress ? 0 : calm + 1;
  }
  if (is_interrupted()) return last;
  if (last.verdict != Verdict::in_progress) return inspect(repo);
  last.why += " (the waiting time is over)";
  return last;
}

// Any user with read access can hold the lock for ever. It is respected as long as the repo grows.
RepairLock Preflight::acquire_repair_lock(const RepoRequest& repo, const os::Directory& folder) {
  constexpr unsigned usual_idle_s = 300;
  const std::chrono::seconds idle(request_.download.idle_timeout_s.value_or(usual_idle_s));
  RepairLock turn;
  auto grown = Clock::now();
  std::uint64_t present = report_.bytes_present;
  while (!is_interrupted() && Clock::now() - grown <= idle) {
    auto taken =
        os::LockFile::take(folder, std::string(preflight_lock), os::LockFile::Make::if_missing);
    if (!taken) break;  // a file system without locks: each repair is safe, but may be repeated
    turn.lock = std::move(*taken);
    if (turn.lock) break;
    turn.waited = true;
    (void)inspect(repo, Depth::quick);  // for the progress
    if (report_.bytes_present != present) grown = Clock::now();
    present = report_.bytes_present;
    report_waiting(repo);
    pause(500ms);
  }
  return turn;
}

Admission Preflight::repair_and_rescan(const RepoRequest& repo, const Admission& last) {
  const auto pulling = events_.pulling ? events_.pulling : [](const PullProgress&) {};
  auto failure = repair_or_pull(layout_, request_, last, pulling, stop_);
  if (is_interrupted()) return last;
  auto after = inspect(repo);
  if (after.required_missing && !failure) {
    failure = pull_required(layout_, request_, repo, pulling, stop_);
    after = inspect(repo);
  }
  if (after.pass || !failure) return after;
  after.code = std::max(after.code, failure->code);
  after.why = name_of(repo) + ": " + failure->why;
  return after;
}

// One process at a time, over the scan, the repair and the scan after it; the others find it done.
// After the wait content is read without the lock, for all of them have to read it.
Admission Preflight::repair_locked(const RepoRequest& repo, Admission last) {
  const auto folder = repair_lock_folder(layout_, repo.repo);
  if (!folder) {
    last.why += " (cannot repair: " + folder.error().operation + " " +
                printable(folder.error().subject) + ": " + folder.error().cause + ")";
    last.code = std::max(last.code, ExitCode::incomplete);
    return last;
  }
  auto turn = acquire_repair_lock(repo, *folder);
  if (is_interrupted()) return last;
  if ((turn.waited || !reads_content()) && inspect(repo, Depth::quick).pass) {
    turn = {};
    last = inspect(repo);
    if (last.pass || last.code == ExitCode::refused || is_interrupted()) return last;
    turn = acquire_repair_lock(repo, *folder);
    if (is_interrupted()) return last;
  }
  return repair_and_rescan(repo, last);
}

// `code` ok: a download is possible.
Admission Preflight::query_hub(const RepoRequest& repo, Admission here) const {
  std::optional<std::uint64_t> missing;
  if (!here.commit.empty()) missing = report_.bytes_missing;
  const auto answer = check_online(layout_, repo, here.commit, missing, request_.mark_moved, stop_);
  here.pass = false;
  here.code = answer.code;
  here.why = name_of(repo) + ": " + answer.why;
  if (!answer.note.empty()) here.note = name_of(repo) + ": " + answer.note;
  return here;
}

Admission Preflight::decide(const RepoRequest& repo) {
  std::string note;
  if (request_.online) {
    auto answer = query_hub(repo, inspect(repo, Depth::quick));
    if (answer.code != ExitCode::ok) return answer;
    note = std::move(answer.note);
  }
  auto admission = request_.wait.count() > 0 ? wait_for_others(repo) : inspect(repo);
  const bool repairable = !admission.pass && admission.code != ExitCode::refused &&
                          !admission.unreachable && !is_interrupted();
  if (repairable && request_.repair) admission = repair_locked(repo, std::move(admission));
  admission.note = std::move(note);
  return admission;
}

Result<PreflightResult> Preflight::run() {
  PreflightResult result;
  std::vector<Report> reports;
  // Only the folder itself can name its repo.
  const std::vector<RepoRequest> folder(1);
  const auto& repos = request_.what.repos.empty() ? folder : request_.what.repos;
  for (const auto& repo : repos) {
    report_ = Report{};
    result.admissions.push_back(decide(repo));
    reports.push_back(std::move(report_));
  }
  for (auto& report : reports) {
    auto& whole = result.report;
    if (whole.hub_cache.empty()) whole.scanned = report.scanned;
    if (!report.hub_cache.empty()) whole.hub_cache = report.hub_cache;
    std::move(report.repos.begin(), report.repos.end(), std::back_inserter(whole.repos));
    std::move(report.findings.begin(), report.findings.end(), std::back_inserter(whole.findings));
    std::move(report.unreadable.begin(), report.unreadable.end(),
              std::back_inserter(whole.unreadable));
    std::move(report.noted.begin(), report.noted.end(), std::back_inserter(whole.noted));
    std::move(report.not_found.begin(), report.not_found.end(),
              std::back_inserter(whole.not_found));
    add(whole.verified, report.verified);
    add_size(whole.bytes_present, report.bytes_present);
    add_size(whole.bytes_missing, report.bytes_missing);
    add_size(whole.bytes_reclaimable, report.bytes_reclaimable);
  }
  result.report.hf_home = layout_.hf_home.path;
  result.report.hub_cache = layout_.hub_cache.path;
  result.report.asked = asked_of(request_.what);
  complete_report(result.report, "preflight", started_ns_, unix_time_ns());
  using enum ExitCode;
  for (const ExitCode code : {damage, usage, incomplete, refused}) {
    if (std::any_of(result.admissions.begin(), result.admissions.end(),
                    [&](const Admission& a) { return a.code == code; }))
      result.code = code;
  }
  return result;
}

Result<PreflightResult> preflight(const Layout& layout, const PreflightRequest& request,
                                  const PreflightEvents& events, const std::stop_token& stop) {
  if (request.what.repos.empty() && !request.what.local_dir)
    return failure("check", "nothing", "name a REPO");
  return Preflight(layout, request, events, stop).run();
}

}  // namespace hfaudit
