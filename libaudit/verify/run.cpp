// verify(): the audit, then the bytes. Every repo is judged first; all its files go into one pool;
// then only repos in which some file was not as it should be are looked at again, with what its
// bytes said. A healthy repo is so walked once, and of a healthy file nothing is kept. What changed
// while it was read, or came in its place, is read once more.
#include "hfaudit/verify.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "audit/run.hpp"
#include "base/sum.hpp"
#include "digest/reading.hpp"
#include "os/thread_pool.hpp"
#include "verify/run.hpp"
#include "verify/subset.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

// A file that is to be read, and the repos that it is in: more than one with the shared store, or
// hard links.
struct Item {
  std::size_t repo = 0;
  Content content;
  std::vector<std::size_t> other_repos;
};

void add(FileTotals& tally, std::uint64_t bytes) {
  ++tally.files;
  add_size(tally.bytes, bytes);
}

class Verification final : public ReadingSource {
 public:
  Verification(AuditRun& run, const VerifyRequest& how, ProvenFiles& proven_files)
      : run_(run), how_(how), proven_files_(proven_files), chance_(how.seed) {}

  void run(unsigned threads, const std::function<void(const VerifyProgress&)>& progress,
           const std::stop_token& stop);
  [[nodiscard]] Verified sum_up() const;
  [[nodiscard]] bool out_of_time() const { return out_of_time_; }

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t job) override;
  void done(std::size_t job, ContentRead read) override;

 private:
  void collect_from(std::size_t repo);
  void choose_items();
  void read_chosen(unsigned threads, const std::stop_token& stop,
                   const std::function<void(const ReadingProgress&)>& tick);
  void rescan();
  void choose_what_is_new();
  void note_replaced(const Item& item);  // under the lock

  AuditRun& run_;
  const VerifyRequest& how_;
  ProvenFiles& proven_files_;
  std::mt19937_64 chance_;
  std::vector<Item> items_;
  std::map<FileKey, std::size_t> known_;  // items by file
  std::vector<std::size_t> chosen_;       // items, in the order of reading
  std::string listing_;
  FileTotals unverifiable_, total_, asked_, proven_, gone_;
  std::mutex mutex_;
  ContentReads odd_;  // what was not as it should be
  std::set<std::size_t> odd_repos_;
  std::set<std::string> replaced_;  // places in which something else stands by now
  Clock::time_point begin_;
  double seconds_ = 0;
  bool out_of_time_ = false;
};

void Verification::collect_from(std::size_t repo) {
  auto contents = std::move(run_.repos()[repo].judgement.contents);
  for (auto& content : contents) {
    const auto [at, fresh] = known_.try_emplace(content.key, items_.size());
    const auto same_file = [&](const Content& other) {
      return other.size == content.size && other.mtime_ns == content.mtime_ns;
    };
    // its number was given away
    if (!fresh && !same_file(items_[at->second].content)) at->second = items_.size();
    if (at->second == items_.size()) {
      items_.push_back({repo, std::move(content), {}});
      continue;
    }
    auto& item = items_[at->second];
    if (item.repo != repo) item.other_repos.push_back(repo);
    item.content.suspect = item.content.suspect || content.suspect;
    add_claims(item.content, content.claims);
  }
}

// What cannot be checked is dealt out with the rest, so that the parts of a job add up to the
// whole; but none of it is drawn in place of something to read.
void Verification::choose_items() {
  const bool drawn = how_.subset && how_.subset->of == 0;
  std::vector<Unit> units;
  std::vector<std::size_t> numbers;  // of the units, in items_
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto& content = items_[i].content;
    const bool readable = !content.claims.empty();
    add(total_, content.size);
    if (readable && proven_files_.holds(content.key, content.mtime_ns)) {
      add(proven_, content.size);
      continue;
    }
    if (drawn && !readable) add(unverifiable_, content.size);
    if (drawn && !readable) continue;
    units.push_back({run_.path_of(items_[i].repo, content), readable ? content.size : 0});
    numbers.push_back(i);
  }
  if (how_.subset && how_.subset->of != 0) listing_ = listing_of(units);
  for (const auto unit :
       how_.subset ? choose(units, *how_.subset, chance_) : by_falling_size(units)) {
    const auto& content = items_[numbers[unit]].content;
    if (content.claims.empty()) {
      add(unverifiable_, content.size);
      continue;
    }
    chosen_.push_back(numbers[unit]);
    add(asked_, content.size);
  }
}

// What is there now? And under its other names, where it may be still.
void Verification::note_replaced(const Item& item) {
  add(gone_, item.content.size);
  known_.erase(item.content.key);
  odd_repos_.insert(item.repo);
  odd_repos_.insert(item.other_repos.begin(), item.other_repos.end());
  replaced_.insert(run_.path_of(item.repo, item.content));
}

Result<std::unique_ptr<os::File>> Verification::open(std::size_t job) {
  const auto& item = items_[chosen_[job]];
  auto file = run_.open(item.repo, item.content);
  if (file && !*file) {
    const std::scoped_lock lock(mutex_);
    note_replaced(item);
  }
  return file;
}

// Any claim that is not fulfilled is worth another look: the rules then say what it means.
void Verification::done(std::size_t job, ContentRead read) {
  const auto& item = items_[chosen_[job]];
  const auto& claims = item.content.claims;
  const bool whole = read.outcome == ReadOutcome::whole && read.size == item.content.size;
  const bool good = whole && std::all_of(claims.begin(), claims.end(), [&](const Claim& claim) {
                      return read.hash(claim.kind) == claim.hex;
                    });
  const std::scoped_lock lock(mutex_);
  if (read.outcome == ReadOutcome::whole) {
    add(proven_, read.size);
  } else if (read.outcome == ReadOutcome::changed) {
    note_replaced(item);
  }
  if (good && !item.content.suspect) {
    proven_files_.add(item.content.key, read.mtime_ns);
    return;
  }
  odd_[item.content.key] = std::move(read);
  odd_repos_.insert(item.repo);
  odd_repos_.insert(item.other_repos.begin(), item.other_repos.end());
}

void Verification::run(unsigned threads, const std::function<void(const VerifyProgress&)>& progress,
                       const std::stop_token& stop) {
  for (std::size_t repo = 0; repo < run_.repos().size(); ++repo)
    collect_from(repo);
  choose_items();
  begin_ = Clock::now();
  ReadingProgress before;  // of earlier rounds
  constexpr int rounds = 3;
  for (int round = 0; round < rounds && !chosen_.empty(); ++round) {
    ReadingProgress now;
    read_chosen(threads, stop, [&](const ReadingProgress& done) {
      now = done;
      seconds_ = std::chrono::duration<double>(Clock::now() - begin_).count();
      if (progress) {
        progress({before.files + done.files, asked_.files, plus(before.bytes, done.bytes),
                  asked_.bytes, seconds_});
      }
    });
    before.files += now.files;
    add_size(before.bytes, now.bytes);
    seconds_ = std::chrono::duration<double>(Clock::now() - begin_).count();
    rescan();
    choose_what_is_new();  // what of it is not read in this loop is left, and told as such
    if (out_of_time_ || (stop.stop_requested())) break;
  }
}

void Verification::read_chosen(unsigned threads, const std::stop_token& stop,
                               const std::function<void(const ReadingProgress&)>& tick) {
  std::vector<ReadingJob> jobs;
  jobs.reserve(chosen_.size());
  for (const auto i : chosen_) {
    ReadingJob job{items_[i].content.size, false, false};
    for (const auto& claim : items_[i].content.claims)
      (claim.kind == HashKind::sha256 ? job.sha256 : job.git_sha1) = true;
    jobs.push_back(job);
  }
  ReadingLimits limits{threads, how_.max_rate, std::nullopt, stop};
  if (how_.max_duration) limits.until = begin_ + *how_.max_duration;
  read_all(jobs, *this, limits, tick);
  out_of_time_ = limits.until && Clock::now() >= *limits.until;
}

void Verification::rescan() {
  const std::vector<std::size_t> repos(odd_repos_.begin(), odd_repos_.end());
  os::parallel_for(repos.size(), 0, {}, [&](std::size_t i) { run_.rescan(repos[i], odd_); });
}

// Files that came while others were read, and those that changed under the reader. Of a part only
// what stands in the place of something that was to be read.
void Verification::choose_what_is_new() {
  chosen_.clear();
  for (auto at = odd_.begin(); at != odd_.end();) {
    const bool again = at->second.outcome == ReadOutcome::changed;
    if (again) known_.erase(at->first);
    at = again ? odd_.erase(at) : std::next(at);
  }
  const auto old = items_.size();
  for (const auto repo : odd_repos_)
    collect_from(repo);
  for (auto i = old; i < items_.size(); ++i) {
    const auto& content = items_[i].content;
    const bool wanted = !how_.subset || replaced_.contains(run_.path_of(items_[i].repo, content));
    if (content.claims.empty() || !wanted) continue;
    chosen_.push_back(i);
    add(asked_, content.size);
  }
}

Verified Verification::sum_up() const {
  Verified verified;
  verified.proven = proven_;
  verified.unverifiable = unverifiable_;
  verified.total = total_;
  verified.seconds = seconds_;
  const auto seen = FileTotals{proven_.files + gone_.files, proven_.bytes + gone_.bytes};
  verified.left.files = asked_.files - std::min(asked_.files, seen.files);
  verified.left.bytes = asked_.bytes - std::min(asked_.bytes, seen.bytes);
  if (const auto& subset = how_.subset)
    verified.subset = {subset->part, subset->of, subset->asked, listing_};
  return verified;
}

}  // namespace

Result<Report> verify(const Layout& layout, const AuditRequest& request, const VerifyRequest& how,
                      const std::function<void(const VerifyProgress&)>& progress,
                      const std::stop_token& stop) {
  ProvenFiles proven;
  return verify_the_rest(layout, request, how, proven, progress, stop);
}

Result<Report> verify_the_rest(const Layout& layout, const AuditRequest& request,
                               const VerifyRequest& how, ProvenFiles& proven,
                               const std::function<void(const VerifyProgress&)>& progress,
                               const std::stop_token& stop) {
  const auto started = wall_clock_ns();
  auto run = begin_audit(layout, request, true, stop);
  if (!run) return tl::unexpected(run.error());
  if (auto scanned = (*run)->inspect(); !scanned) return tl::unexpected(scanned.error());
  Verification verification(**run, how, proven);
  verification.run(request.jobs, progress, stop);
  auto report = (*run)->finish();
  report.verified = verification.sum_up();
  const auto& left = report.verified->left;
  const auto count = std::to_string(left.files) + (left.files == 1 ? " file" : " files");
  const auto where = request.local_dir ? *request.local_dir : report.hub_cache;
  if (left.files != 0 && verification.out_of_time()) {
    report.unreadable.push_back(
        {where, "read all of", "the time was over with " + count + " left"});
  } else if (left.files != 0 && report.unreadable.empty() && !stop.stop_requested()) {
    report.unreadable.push_back({where, "read all of", count + " went on changing"});
  }
  report.asked = asked_of(request);
  complete_report(report, "verify", started, wall_clock_ns());
  return report;
}

}  // namespace hfaudit
