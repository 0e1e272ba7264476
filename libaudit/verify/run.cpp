// verify(): the audit, then the bytes. Every repo is judged first; all its files go into one pool;
// then only repos with a deviating file are scanned again, with its digests. So a healthy repo is
// walked once, and a healthy file costs no memory. A file that changed while it was read, or was
// replaced, is read once more.
#include "hfaudit/verify.hpp"

#include <algorithm>

#include "os/thread_pool.hpp"
#include "os/unix_time.hpp"
#include "verify/run.hpp"
#include "verify/verification.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

// The present state of the file, also under its other names, where it may still be.
void Verification::note_replaced(const VerifyItem& item) {
  add_file(gone_, item.content.size);
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
    add_file(proven_, read.size);
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
  const auto started = unix_time_ns();
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
  complete_report(report, scrub ? "scrub" : "verify", started, unix_time_ns());
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
