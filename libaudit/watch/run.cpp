// Scans repeatedly, only as often as a scan is cheap. A download shows in the files that a living
// process holds, and in changes since the last scan: processes of other hosts are invisible.
#include "hfaudit/watch.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "audit/hub_listings.hpp"
#include "audit/run.hpp"
#include "cache/blob_name.hpp"
#include "cache/fingerprint.hpp"
#include "os/fs.hpp"
#include "os/processes.hpp"
#include "os/unix_time.hpp"
#include "os/users.hpp"
#include "scan/walk.hpp"
#include "watch/amount.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct WatchScan {
  WatchAmount amount;
  bool live = false;
  std::uint64_t print = 0;       // fingerprint()
  std::int64_t calm_for_ns = 0;  // since the last change
};

class Watch {
 public:
  Watch(const Layout& layout, const WatchRequest& request,
        const std::function<void(const WatchProgress&)>& progress, const std::stop_token& stop)
      : layout_(layout), request_(request), progress_(progress), stop_(stop) {}

  [[nodiscard]] Result<Report> run();

 private:
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }
  [[nodiscard]] std::optional<ScannedRepo> scan() const;
  [[nodiscard]] std::optional<WatchScan> measure();
  void note(const std::optional<WatchScan>& measured);
  [[nodiscard]] bool is_over() const;
  void follow();
  void pause(Clock::duration scan_took) const;

  const Layout& layout_;
  const WatchRequest& request_;
  const std::function<void(const WatchProgress&)>& progress_;
  std::stop_token stop_;
  std::unique_ptr<HubListings> online_;  // null: offline
  Clock::time_point began_ = Clock::now();
  std::optional<Clock::time_point> last_activity_;  // nullopt: before the first activity
  std::optional<WatchScan> previous_;
  bool scanned_ = false, met_ = false;  // a download was detected
  std::int64_t began_ns_ = unix_time_ns();
};

// nullopt: the repo is absent.
std::optional<ScannedRepo> Watch::scan() const {
  const auto& what = request_.what;
  const auto path = what.local_dir ? absolute_path(*what.local_dir) : layout_.hub_cache.path;
  const auto root = os::Directory::open_root(path);
  const auto meta = root ? root->stat_self() : Result<FileInfo>(tl::unexpected(root.error()));
  if (!meta) return std::nullopt;
  const os::CacheUser user(meta->uid, meta->gid);
  os::Processes processes(may_be_partial);
  const WalkContext walk{*root, path, user, processes, unix_time_ns()};
  const auto repo = what.repos.empty() ? RepoId{} : what.repos.front().repo;
  if (what.local_dir) return scan_local_dir(walk, repo);
  const auto folder = repo.folder();
  if (!root->stat(folder)) return std::nullopt;
  return scan_repo(walk, repo, folder);
}

std::optional<WatchScan> Watch::measure() {
  auto scanned = scan();
  if (!scanned) return std::nullopt;
  const auto& what = request_.what;
  const auto asked = what.repos.empty() ? std::nullopt : what.repos.front().revision;
  std::string commit;
  // Of a folder with one commit it is asked by name only.
  if (asked && !what.local_dir)
    commit = resolve_revision(scanned->inventory, *asked).value_or(*asked);
  if (online_) online_->add_to(scanned->evidence, scanned->inventory, commit);
  WatchScan measured;
  measured.amount =
      amount_of(scanned->inventory, scanned->evidence, {what.include, what.exclude}, commit);
  measured.live = has_activity(scanned->inventory);
  measured.print = fingerprint(scanned->inventory);
  measured.calm_for_ns = unix_time_ns() - last_change_ns(scanned->inventory);
  return measured;
}

void Watch::note(const std::optional<WatchScan>& measured) {
  const auto now = Clock::now();
  const bool appeared = scanned_ && measured && !previous_;
  const bool changed = measured && previous_ && measured->print != previous_->print;
  if (measured && (measured->live || appeared || changed)) {
    last_activity_ = now;
    met_ = true;
  } else if (measured && !scanned_ && !measured->amount.all_there()) {
    // Clients pause between two files: a recent change may continue.
    const auto calm = std::chrono::nanoseconds(std::max<std::int64_t>(measured->calm_for_ns, 0));
    if (calm < request_.grace)
      last_activity_ = now - std::chrono::duration_cast<Clock::duration>(calm);
  }
  scanned_ = true;
  previous_ = measured;
}

bool Watch::is_over() const {
  const auto now = Clock::now();
  if (!last_activity_) return now - began_ >= request_.wait;
  return now - *last_activity_ >= request_.grace && !(previous_ && previous_->live);
}

// A scan takes a twentieth of the time at most.
void Watch::pause(Clock::duration scan_took) const {
  constexpr int share = 19;
  const auto until =
      Clock::now() + std::max<Clock::duration>(request_.between_scans, share * scan_took);
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left <= milliseconds(0) || is_interrupted()) return;
    std::this_thread::sleep_for(std::min(left, milliseconds(50)));
  }
}

void Watch::follow() {
  while (!is_interrupted()) {
    const auto before = Clock::now();
    const auto measured = measure();
    const auto took = Clock::now() - before;
    note(measured);
    if (is_over()) return;
    if (measured && met_) {
      const auto& [files, bytes, files_total, bytes_total] = measured->amount;
      const auto repo = request_.what.repos.empty() ? RepoId{} : request_.what.repos.front().repo;
      progress_({repo, files, bytes, files_total, bytes_total,
                 std::chrono::duration<double>(Clock::now() - began_).count()});
    }
    pause(took);
  }
}

Result<Report> Watch::run() {
  if (request_.what.online) {
    auto online = HubListings::open(layout_, ListingCache::on, stop_);
    if (!online) return tl::unexpected(online.error());
    online_ = std::move(*online);
  }
  for (;;) {
    follow();
    auto what = request_.what;
    what.online = what.online && !is_interrupted();
    auto report = audit(layout_, what);
    if (!report) return report;
    report->command = "watch";
    report->started_at = began_ns_ / 1'000'000'000;
    report->duration_ms =
        static_cast<std::uint64_t>(std::max<std::int64_t>(unix_time_ns() - began_ns_, 0)) /
        1'000'000;
    const bool should_continue =
        std::any_of(report->repos.begin(), report->repos.end(),
                    [](const RepoReport& repo) { return repo.verdict == Verdict::in_progress; });
    if (!should_continue || is_interrupted()) return report;
    last_activity_ = Clock::now();  // a download has begun in this moment
  }
}

}  // namespace

Result<Report> watch(const Layout& layout, const WatchRequest& request,
                     const std::function<void(const WatchProgress&)>& progress,
                     const std::stop_token& stop) {
  return Watch(layout, request, progress, stop).run();
}

}  // namespace hfaudit
