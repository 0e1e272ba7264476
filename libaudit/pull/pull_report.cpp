// The report of a pull: an audit of its repos, by which the verdict is given; the engine's own
// success is ignored.
#include <algorithm>

#include "audit/run.hpp"
#include "base/sum.hpp"
#include "hfaudit/render.hpp"
#include "os/fs.hpp"
#include "os/name_sync.hpp"
#include "os/unix_time.hpp"
#include "pull/pull_run.hpp"
#include "rules/expect.hpp"
#include "rules/rules.hpp"
#include "verify/run.hpp"

namespace hfaudit {

AuditRequest PullRun::audit_of(std::vector<RepoRequest> repos) const {
  auto request = request_.what;
  request.repos = std::move(repos);
  request.whole_home = false;
  request.online = false;
  return request;
}

// For an audit, a repo that is still absent would be a mistake of the caller's.
bool PullRun::can_be_audited(const RepoPull& repo) const {
  return audit(layout_, audit_of({repo.asked()})).has_value();
}

Result<Report> PullRun::audit_what_is_there() {
  std::vector<RepoRequest> repos;
  for (const auto& turn : turns_) {
    if (can_be_audited(*turn.repo)) repos.push_back(turn.repo->asked());
  }
  if (repos.empty() || request_.mode == PullMode::plan) {  // a plan leaves the verdict open
    Report report;
    report.hf_home = layout_.hf_home.path;
    report.hub_cache = layout_.hub_cache.path;
    const auto& dir = request_.what.local_dir;
    report.scanned.push_back(
        dir ? ScannedLocation{"local-dir", *dir, "--local-dir"}
            : ScannedLocation{"hub", layout_.hub_cache.path, layout_.hub_cache.because});
    auto& place = report.scanned.back();
    const auto folder = os::Directory::open_root(place.path);
    place.exists = folder || !os::is_absent(folder.error());
    return report;
  }
  const auto request = audit_of(std::move(repos));
  const bool read = request_.mode == PullMode::pull && !request_.trust_present && !is_interrupted();
  // a moment; an interrupted run reports its state, too
  if (!read) return audit(layout_, request);
  running_ = turns_.size();
  VerifyRequest how;
  how.ledger = request_.ledger;
  how.ledger.max_age.reset();  // a pull has hashed everything anyway
  return verify_the_rest(
      layout_, request, how, proven_,
      [this](const VerifyProgress&) {
        report_progress(turns_.back().repo->progress_at(PullStep::verify), running_);
      },
      stop_);
}

// An absent file is damage for --validate-only, even if the disk lacks evidence that it was wanted.
void PullRun::add_missing(Report& report) const {
  for (const auto& turn : turns_) {
    const auto& transfer = turn.repo->transfer();
    const bool known =
        std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
          return finding.repo == transfer.repo && finding.severity == Severity::error;
        });
    if (known || transfer.left.empty()) continue;
    Finding finding;
    finding.id = FindingId::missing_file;
    finding.severity = Severity::error;
    finding.repo = transfer.repo;
    finding.revision = transfer.commit;
    finding.path = transfer.repo.folder();
    finding.fix = fix::pull;
    const auto others = transfer.left.size() - 1;
    finding.message =
        printable(transfer.left.front().path) +
        (others == 0 ? " is not here" : " and " + std::to_string(others) + " more are not here");
    for (const auto& file : transfer.left)
      add_size(finding.bytes, file.size - std::min(file.size, file.prefix));
    report.findings.push_back(std::move(finding));
  }
}

// If a source listed the files, and all of them are here, its listing is the basis of the verdict.
void PullRun::set_basis(Report& report) const {
  for (const auto& turn : turns_) {
    const auto& transfer = turn.repo->transfer();
    const auto& from = transfer.names_from;
    if (from.empty() || from == "cache" || from == "lock" || !turn.repo->whole() ||
        !turn.repo->has_whole_listing())
      continue;
    for (auto& repo : report.repos) {
      if (repo.repo != transfer.repo) continue;
      for (auto& revision : repo.revisions) {
        if (revision.commit == transfer.commit)
          revision.basis = std::min(revision.basis, Basis::source);
      }
      repo.basis = std::min(repo.basis, Basis::source);
    }
  }
}

PullOutcome PullRun::outcome() {
  turns_.sort([](const QueuedRepo& a, const QueuedRepo& b) { return a.number < b.number; });
  PullOutcome outcome;
  for (const auto& turn : turns_) {
    outcome.transfers.push_back(turn.repo->transfer());
    outcome.whole.push_back(turn.repo->whole());
    auto unreadable = turn.repo->unreadable();
    const bool worth_telling = unreadable && (unreadable->refused || !is_interrupted());
    if (worth_telling) outcome.unreadable.push_back(std::move(*unreadable));
  }
  // Success is reported once all names outlast a power cut.
  if (const auto synced = os::sync_new_names(); !synced) {
    const auto& error = synced.error();
    const auto place = request_.what.local_dir.value_or(layout_.hub_cache.path);
    outcome.unreadable.push_back({place, error.operation, error.cause});
  }
  outcome.proven = proven_;
  return outcome;
}

Result<Report> PullRun::report() {
  auto pulled = outcome();
  auto report = audit_what_is_there();
  if (!report) return report;
  report->transfers = std::move(pulled.transfers);
  // The failure of the pull is the reason for a repo that the audit cannot judge.
  std::erase_if(report->unreadable, [&](const Unreadable& place) {
    return place.operation == "judge" &&
           std::any_of(report->transfers.begin(), report->transfers.end(),
                       [&](const Transfer& transfer) {
                         return !transfer.failure.empty() &&
                                place.path.find(transfer.repo.folder()) != std::string::npos;
                       });
  });
  std::move(pulled.unreadable.begin(), pulled.unreadable.end(),
            std::back_inserter(report->unreadable));
  name_damage_of_hub(report->findings, proven_);
  if (request_.mode == PullMode::validate) add_missing(*report);
  set_basis(*report);
  report->noted.insert(report->noted.end(), sources_.unreachable.begin(),
                       sources_.unreachable.end());
  report->asked = asked_of(request_.what);
  complete_report(*report, "pull", started_ns_, unix_time_ns());
  return report;
}

}  // namespace hfaudit
