// verify(): the audit, then the bytes. Every repo is judged first; all its files go into one pool;
// then only repos with a deviating file are scanned again, with its digests. So a healthy repo is
// walked once, and a healthy file costs no memory. A file that changed while it was read, or was
// replaced, is read once more.
#include "hfaudit/verify.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "audit/run.hpp"
#include "base/sum.hpp"
#include "digest/reading.hpp"
#include "os/thread_pool.hpp"
#include "verify/proof_keeper.hpp"
#include "verify/run.hpp"
#include "verify/subset.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

void add(FileTotals& tally, std::uint64_t bytes) {
  ++tally.files;
  add_size(tally.bytes, bytes);
}

class Verification final : public ReadingSource {
 public:
  // `keeper`: null without a ledger.
  Verification(AuditRun& run, const VerifyRequest& how, ProvenFiles& proven_files,
               ProofKeeper* keeper)
      : run_(run), how_(how), proven_files_(proven_files), keeper_(keeper), chance_(how.seed) {}

  void run(unsigned threads, const std::function<void(const VerifyProgress&)>& progress,
           const std::stop_token& stop);
  void keep_earlier_proofs();
  [[nodiscard]] Verified sum_up() const;
  [[nodiscard]] bool out_of_time() const { return out_of_time_; }

  [[nodiscard]] Result<std::unique_ptr<os::File>> open(std::size_t job) override;
  void done(std::size_t job, ContentRead read) override;
  [[nodiscard]] std::optional<BlockChain> chain_of(std::size_t job) override {
    return keeper_ != nullptr ? keeper_->chain_of(items_[chosen_[job]]) : std::nullopt;
  }

 private:
  void collect_from(std::size_t repo);
  void choose_items();
  void collect();
  void set_aside_trusted(const std::stop_token& stop);
  [[nodiscard]] std::optional<std::uint64_t> oldest_proof_s() const;
  void read_chosen(unsigned threads, const std::stop_token& stop,
                   const std::function<void(const ReadingProgress&)>& tick);
  void rescan();
  void choose_what_is_new();
  void note_replaced(const VerifyItem& item);  // under the lock

  AuditRun& run_;
  const VerifyRequest& how_;
  ProvenFiles& proven_files_;
  ProofKeeper* keeper_;
  std::mt19937_64 chance_;
  std::vector<VerifyItem> items_;
  std::map<FileKey, std::size_t> known_;  // items by file
  std::vector<std::size_t> chosen_;       // items, in the order of reading
  std::string listing_;
  FileTotals unverifiable_, total_, asked_, proven_, trusted_, gone_;
  std::mutex mutex_;
  ContentReads odd_;  // the deviations
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
      items_.push_back({repo, std::move(content)});
      continue;
    }
    auto& item = items_[at->second];
    if (item.repo != repo) item.other_repos.push_back(repo);
    item.content.suspect = item.content.suspect || content.suspect;
    add_claims(item.content, content.claims);
  }
}

// Unreadable files are distributed with the rest, so that the parts of a job add up to the whole;
// but a random sample leaves them out.
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

void Verification::collect() {
  if (!items_.empty()) return;
  for (std::size_t repo = 0; repo < run_.repos().size(); ++repo)
    collect_from(repo);
}

// Files that this process has downloaded were hashed on the way.
void Verification::keep_earlier_proofs() {
  if (proven_files_.empty()) return;
  collect();
  std::vector<VerifyItem*> items;
  for (auto& item : items_)
    items.push_back(&item);
  keeper_->record_proven(items, proven_files_);
}

// Files whose proof is young enough are skipped; the others in the order of their proofs, those
// without one first. Content whose own header says that it is broken is read all the same.
void Verification::set_aside_trusted(const std::stop_token& stop) {
  std::vector<VerifyItem*> chosen;
  chosen.reserve(chosen_.size());
  for (const auto i : chosen_)
    chosen.push_back(&items_[i]);
  keeper_->look_up(std::move(chosen), stop);
  const auto now_s = wall_clock_ns() / 1'000'000'000;
  std::erase_if(chosen_, [&](std::size_t i) {
    auto& item = items_[i];
    const bool young =
        item.proven_at_s && now_s - *item.proven_at_s <= how_.ledger.max_age->count();
    if (!young || item.content.suspect) return false;
    item.trusted = true;
    add(trusted_, item.content.size);
    asked_.files -= 1;
    asked_.bytes -= std::min(asked_.bytes, item.content.size);
    proven_files_.add(item.content.key, item.content.mtime_ns, {});
    return true;
  });
  if (how_.command == VerifyCommand::scrub) std::shuffle(chosen_.begin(), chosen_.end(), chance_);
  std::stable_sort(chosen_.begin(), chosen_.end(), [&](std::size_t a, std::size_t b) {
    return items_[a].proven_at_s.value_or(0) < items_[b].proven_at_s.value_or(0);
  });
}

// Of all content that can be proven; reads of this run are new. nullopt: some is unproven.
std::optional<std::uint64_t> Verification::oldest_proof_s() const {
  const auto now_s = wall_clock_ns() / 1'000'000'000;
  std::int64_t oldest = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto& content = items_[i].content;
    const auto current = known_.find(content.key);
    if (content.claims.empty() || current == known_.end() || current->second != i) continue;
    const bool read = !items_[i].trusted && proven_files_.holds(content.key, content.mtime_ns);
    if (read) continue;
    if (!items_[i].proven_at_s) return std::nullopt;
    oldest = std::max(oldest, now_s - *items_[i].proven_at_s);
  }
  return static_cast<std::uint64_t>(oldest);
}

// The present state of the file, also under its other names, where it may still be.
void Verification::note_replaced(const VerifyItem& item) {
  add(gone_, item.content.size);
  known_.erase(item.content.key);
  odd_repos_.insert(item.repo);
  odd_repos_.insert(item.other_repos.begin(), item.other_repos.end());
  replaced_.insert(run_.path_of(item.repo, item.content));
}

// Each job is begun by one thread, so its item works without a lock.
Result<std::unique_ptr<os::File>> Verification::open(std::size_t job) {
  auto& item = items_[chosen_[job]];
  auto file = run_.open(item.repo, item.content);
  if (keeper_ != nullptr && file && *file) keeper_->begin(item, **file);
  if (file && !*file) {
    const std::scoped_lock lock(mutex_);
    note_replaced(item);
  }
  return file;
}

// Any unfulfilled claim causes another scan: the rules then interpret it.
void Verification::done(std::size_t job, ContentRead read) {
  const auto& item = items_[chosen_[job]];
  const auto& claims = item.content.claims;
  const bool whole = read.outcome == ReadOutcome::whole && read.size == item.content.size;
  const bool good = whole && std::all_of(claims.begin(), claims.end(), [&](const Claim& claim) {
                      return read.hash(claim.kind) == claim.hex;
                    });
  if (keeper_ != nullptr && good && !item.content.suspect) keeper_->record(item, read);
  const std::scoped_lock lock(mutex_);
  if (read.outcome == ReadOutcome::whole) {
    add(proven_, read.size);
  } else if (read.outcome == ReadOutcome::changed) {
    note_replaced(item);
  }
  if (good && !item.content.suspect) {
    proven_files_.add(item.content.key, read.mtime_ns,
                      read.sha256.empty() ? read.git_sha1 : read.sha256);
    return;
  }
  odd_[item.content.key] = std::move(read);
  odd_repos_.insert(item.repo);
  odd_repos_.insert(item.other_repos.begin(), item.other_repos.end());
}

void Verification::run(unsigned threads, const std::function<void(const VerifyProgress&)>& progress,
                       const std::stop_token& stop) {
  if (keeper_ != nullptr) keep_earlier_proofs();
  collect();
  choose_items();
  if (keeper_ != nullptr && how_.ledger.max_age) set_aside_trusted(stop);
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
    choose_what_is_new();  // files that this loop leaves unread are reported as left
    if (out_of_time_ || (stop.stop_requested())) break;
  }
}

void Verification::read_chosen(unsigned threads, const std::stop_token& stop,
                               const std::function<void(const ReadingProgress&)>& tick) {
  std::vector<ReadingJob> jobs;
  jobs.reserve(chosen_.size());
  for (const auto i : chosen_) {
    ReadingJob job{.size = items_[i].content.size};
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
// the replacements of files that were to be read.
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
  verified.trusted = trusted_;
  if (how_.ledger.max_age) verified.oldest_proof_s = oldest_proof_s();
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
  auto run = begin_audit(layout, request, AuditPurpose::verify, stop);
  if (!run) return tl::unexpected(run.error());
  if (auto scanned = (*run)->inspect(); !scanned) return tl::unexpected(scanned.error());
  auto keeper = ProofKeeper::open(layout, request, how.ledger, **run);
  if (!keeper && how.ledger.max_age) return tl::unexpected(keeper.error());
  Verification verification(**run, how, proven, keeper ? keeper->get() : nullptr);
  verification.run(request.jobs, progress, stop);
  if (keeper && *keeper) (*keeper)->flush();
  auto report = (*run)->finish();
  if (!keeper) report.noted.push_back({how.ledger.path, "keep proofs in", keeper.error().cause});
  report.verified = verification.sum_up();
  const auto& left = report.verified->left;
  const auto count = std::to_string(left.files) + (left.files == 1 ? " file" : " files");
  const auto where = request.local_dir ? *request.local_dir : report.hub_cache;
  const bool scrub = how.command == VerifyCommand::scrub;
  if (left.files != 0 && verification.out_of_time() && scrub) {
    report.noted.push_back(
        {where, "read all of", "the time limit was reached with " + count + " left"});
  } else if (left.files != 0 && verification.out_of_time()) {
    report.unreadable.push_back(
        {where, "read all of", "the time limit was reached with " + count + " left"});
  } else if (left.files != 0 && report.unreadable.empty() && !stop.stop_requested()) {
    report.unreadable.push_back({where, "read all of", count + " kept changing"});
  }
  report.asked = asked_of(request);
  complete_report(report, scrub ? "scrub" : "verify", started, wall_clock_ns());
  return report;
}

void keep_proofs(const Layout& layout, const AuditRequest& request, const LedgerRequest& ledger,
                 ProvenFiles& proven) {
  auto run = begin_audit(layout, request, AuditPurpose::verify, {});
  if (!run || !(*run)->inspect()) return;
  const auto keeper = ProofKeeper::open(layout, request, ledger, **run);
  if (!keeper || !*keeper) return;
  const VerifyRequest how;
  Verification(**run, how, proven, keeper->get()).keep_earlier_proofs();
}

}  // namespace hfaudit
