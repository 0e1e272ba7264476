// pull(): repos in turns, attempt after attempt; then the audit that gives the verdict.
#include "hfaudit/pull.hpp"

#include <algorithm>
#include <cmath>
#include <list>
#include <random>
#include <thread>

#include "audit/run.hpp"
#include "base/sum.hpp"
#include "hfaudit/render.hpp"
#include "os/name_sync.hpp"
#include "os/privilege.hpp"
#include "pull/repo_pull.hpp"
#include "pull/run.hpp"
#include "rules/expect.hpp"
#include "verify/run.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A repo in the queue.
struct QueuedRepo {
  std::unique_ptr<RepoPull> repo;
  std::size_t number = 0;
  Clock::time_point due;
  unsigned fruitless = 0;  // attempts, one after the other
  bool ended = false;
  std::string note;  // the reason for waiting
};

[[nodiscard]] double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

[[nodiscard]] Clock::duration exactly(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// Clients that failed together shall not come back together.
[[nodiscard]] Clock::duration spread(double seconds) {
  constexpr double least = 0.85, most = 1.15;
  static thread_local std::minstd_rand source(std::random_device{}());
  const double share = std::uniform_real_distribution<double>(least, most)(source);
  return exactly(seconds * share);
}

class Pull {
 public:
  Pull(const Layout& layout, const PullRequest& request,
       const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop)
      : layout_(layout), request_(request), progress_(progress), stop_(stop) {}

  [[nodiscard]] Result<void> set_up(const std::vector<PullJob>& jobs);
  [[nodiscard]] Result<void> find_sources(const HubSettings& settings);
  void run();
  [[nodiscard]] Result<Report> report();
  [[nodiscard]] PullOutcome outcome();

 private:
  void run_next_repo(QueuedRepo& turn);
  [[nodiscard]] double bounded_wait(QueuedRepo& turn) const;
  void wait_for_turn();
  [[nodiscard]] bool all_ended() const;
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }
  void tell(PullProgress progress, std::size_t number);
  [[nodiscard]] Result<Report> audit_what_is_there();
  void add_missing(Report& report) const;
  void set_basis(Report& report) const;
  [[nodiscard]] bool can_be_audited(const RepoPull& repo) const;
  [[nodiscard]] AuditRequest audit_of(std::vector<RepoRequest> repos) const;

  const Layout& layout_;
  const PullRequest& request_;
  const std::function<void(const PullProgress&)>& progress_;
  std::stop_token stop_;
  std::int64_t started_ns_ = wall_clock_ns();
  Clock::time_point began_ = Clock::now();
  ProvenFiles proven_;
  Sources sources_;
  std::optional<http::SshAccess> ssh_;
  std::unique_ptr<HubClient> client_;
  std::unique_ptr<PullContext> context_;
  std::list<QueuedRepo> turns_;
  std::size_t running_ = 0;  // its number
};

Result<void> Pull::set_up(const std::vector<PullJob>& jobs) {
  const auto environment = system_environment();
  auto settings = find_hub_settings(environment);
  if (!settings) return tl::unexpected(settings.error());
  auto token = find_token(environment, layout_);
  if (!token) return tl::unexpected(token.error());
  if (request_.download.idle_timeout_s)
    settings->etag_timeout_s =
        std::min(settings->etag_timeout_s, *request_.download.idle_timeout_s);
  HubOptions options;
  options.ipv4_only = request_.download.ipv4_only;
  if (request_.download.offline) settings->offline = "--offline";
  if (auto opened = find_sources(*settings); !opened) return opened;
  client_ = std::make_unique<HubClient>(*settings, *token, options, stop_);
  const PathFilter filter{request_.what.include, request_.what.exclude};
  const auto is_set = [&](std::string_view name) {
    return is_true(environment.get(name).value_or(""));
  };
  const StoreOptions store{!is_set("HF_HUB_DISABLE_SYMLINKS"),
                           !is_set("HF_HUB_DISABLE_SHARED_BLOBS") && !is_set("HF_HUB_DISABLE_XET")};
  context_ = std::make_unique<PullContext>(PullContext{
      layout_, request_, std::move(*settings), std::move(*token), *client_, sources_, ssh_, store,
      [filter](std::string_view path) { return filter.empty() || filter.accepts(path); }, proven_,
      [this](PullProgress& progress) { tell(std::move(progress), running_); }, stop_});
  for (const auto& job : jobs) {
    auto& turn = turns_.emplace_back();
    turn.repo = std::make_unique<RepoPull>(*context_, job);
    turn.number = turns_.size();
    turn.due = began_;
  }
  return {};
}

// For the cache's owner root reads only files that this user could read.
Result<void> Pull::find_sources(const HubSettings& settings) {
  const auto owner = find_cache_owner(layout_, request_.what);
  const auto reader = os::is_root() && owner && owner->uid != 0
                          ? std::optional<std::uint32_t>(owner->uid)
                          : std::nullopt;
  ssh_ = find_ssh_access(request_.download.from, system_environment());
  const WebOptions options{settings.ca_bundle, settings.etag_timeout_s, request_.download.ipv4_only,
                           ssh_, stop_};
  auto opened = open_sources(request_.download.from, layout_.hub_cache.path, reader, options);
  if (!opened) return tl::unexpected<Error>(opened.error());
  sources_ = std::move(*opened);
  return {};
}

void Pull::tell(PullProgress progress, std::size_t number) {
  progress.number = number;
  progress.repos = turns_.size();
  progress.seconds = seconds_since(began_);
  progress.received = 0;
  for (const auto& turn : turns_)
    progress.received += turn.repo->transfer().received;
  if (progress_) progress_(progress);
}

bool Pull::all_ended() const {
  return std::all_of(turns_.begin(), turns_.end(),
                     [](const QueuedRepo& turn) { return turn.ended; });
}

// Repos that have waited long enough, in the order of the request; a repo that was tried goes to
// the end of the queue.
void Pull::run() {
  while (!all_ended() && !is_interrupted()) {
    const auto now = Clock::now();
    const auto due = std::find_if(turns_.begin(), turns_.end(), [&](const QueuedRepo& turn) {
      return !turn.ended && turn.due <= now;
    });
    if (due == turns_.end()) {
      wait_for_turn();
      continue;
    }
    turns_.splice(turns_.end(), turns_, due);
    run_next_repo(turns_.back());
  }
}

void Pull::run_next_repo(QueuedRepo& turn) {
  running_ = turn.number;
  const auto came_to = turn.repo->attempt();
  // its final state; the last reported one may be old
  tell(turn.repo->where(PullStep::check), turn.number);
  const auto& failure = turn.repo->transfer().failure;
  switch (came_to) {
    case Attempt::done:
    case Attempt::hopeless:
      turn.ended = true;
      return;
    case Attempt::gained:
      turn.fruitless = 0;
      turn.note = failure;
      turn.due = Clock::now() + exactly(bounded_wait(turn));
      return;
    case Attempt::busy:
      turn.due = Clock::now() + 1s;
      turn.note = failure;
      return;
    case Attempt::nothing:
      break;
  }
  const auto& waits = request_.download.waits_s;
  const double wait =
      waits.empty() ? 0 : waits[std::min<std::size_t>(turn.fruitless, waits.size() - 1)];
  if (++turn.fruitless >= request_.download.max_attempts) {
    turn.ended = true;
    return;
  }
  turn.note = failure;
  turn.due = Clock::now() + std::max(spread(wait), exactly(bounded_wait(turn)));
}

// The server's Retry-After, but no longer than the longest of --waits: a server must not decide how
// long a job runs. A minute is always granted.
double Pull::bounded_wait(QueuedRepo& turn) const {
  constexpr double always_s = 60;
  const double asked_s = turn.repo->retry_after_s().value_or(0);
  double most_s = always_s;
  for (const double wait : request_.download.waits_s)
    most_s = std::max(most_s, wait);
  if (asked_s <= most_s) return asked_s;
  turn.note += "; the server asks for " + std::to_string(std::lround(asked_s)) +
               " s, which --waits bounds to " + std::to_string(std::lround(most_s)) + " s";
  return most_s;
}

// Of those that wait, the next one; its reason for waiting is reported meanwhile.
void Pull::wait_for_turn() {
  const QueuedRepo* next = nullptr;
  for (const auto& turn : turns_) {
    if (!turn.ended && (next == nullptr || turn.due < next->due)) next = &turn;
  }
  while (next != nullptr && Clock::now() < next->due && !is_interrupted()) {
    auto progress = next->repo->where(PullStep::wait);
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(next->due - Clock::now() + 999ms);
    progress.note = std::to_string(left.count()) + " s: " + next->note;
    tell(std::move(progress), next->number);
    std::this_thread::sleep_for(std::min<Clock::duration>(100ms, next->due - Clock::now()));
  }
}

AuditRequest Pull::audit_of(std::vector<RepoRequest> repos) const {
  auto request = request_.what;
  request.repos = std::move(repos);
  request.whole_home = false;
  request.online = false;
  return request;
}

// A repo of which nothing is here yet would be a mistake of the caller's to an audit.
bool Pull::can_be_audited(const RepoPull& repo) const {
  return audit(layout_, audit_of({repo.asked()})).has_value();
}

Result<Report> Pull::audit_what_is_there() {
  std::vector<RepoRequest> repos;
  for (const auto& turn : turns_) {
    if (can_be_audited(*turn.repo)) repos.push_back(turn.repo->asked());
  }
  if (repos.empty() || request_.mode == PullMode::plan) {  // a plan is no verdict
    Report report;
    report.hf_home = layout_.hf_home.path;
    report.hub_cache = layout_.hub_cache.path;
    const auto& dir = request_.what.local_dir;
    report.scanned.push_back(
        dir ? ScannedLocation{"local-dir", *dir, "--local-dir"}
            : ScannedLocation{"hub", layout_.hub_cache.path, layout_.hub_cache.because});
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
        tell(turns_.back().repo->where(PullStep::verify), running_);
      },
      stop_);
}

// An absent file is damage for --validate-only, even if the disk has no sign that it was wanted.
void Pull::add_missing(Report& report) const {
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

// Where a source named the files, and all of them are here, the verdict stands on its word.
void Pull::set_basis(Report& report) const {
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

PullOutcome Pull::outcome() {
  turns_.sort([](const QueuedRepo& a, const QueuedRepo& b) { return a.number < b.number; });
  PullOutcome outcome;
  for (const auto& turn : turns_) {
    outcome.transfers.push_back(turn.repo->transfer());
    outcome.whole.push_back(turn.repo->whole());
    auto unreadable = turn.repo->unreadable();
    const bool worth_telling = unreadable && (unreadable->refused || !is_interrupted());
    if (worth_telling) outcome.unreadable.push_back(std::move(*unreadable));
  }
  // A name that a power cut can take back is no success yet.
  if (const auto synced = os::sync_new_names(); !synced) {
    const auto& error = synced.error();
    const auto place = request_.what.local_dir.value_or(layout_.hub_cache.path);
    outcome.unreadable.push_back({place, error.operation, error.cause});
  }
  outcome.proven = proven_;
  return outcome;
}

Result<Report> Pull::report() {
  auto pulled = outcome();
  auto report = audit_what_is_there();
  if (!report) return report;
  report->transfers = std::move(pulled.transfers);
  std::move(pulled.unreadable.begin(), pulled.unreadable.end(),
            std::back_inserter(report->unreadable));
  if (request_.mode == PullMode::validate) add_missing(*report);
  set_basis(*report);
  report->noted.insert(report->noted.end(), sources_.unreachable.begin(),
                       sources_.unreachable.end());
  report->asked = asked_of(request_.what);
  complete_report(*report, "pull", started_ns_, wall_clock_ns());
  return report;
}

}  // namespace

std::string_view to_string(PullStep step) {
  switch (step) {
    case PullStep::ask:
      return "ask";
    case PullStep::check:
      return "check";
    case PullStep::transfer:
      return "transfer";
    case PullStep::wait:
      return "wait";
    case PullStep::verify:
      return "verify";
  }
  return "";
}

Result<Report> pull(const Layout& layout, const PullRequest& request,
                    const std::function<void(const PullProgress&)>& progress,
                    const std::stop_token& stop) {
  Pull pull(layout, request, progress, stop);
  std::vector<PullJob> jobs;
  for (const auto& repo : request.what.repos)
    jobs.push_back({repo, {}});
  if (auto ready = pull.set_up(jobs); !ready) return tl::unexpected(ready.error());
  pull.run();
  return pull.report();
}

Result<PullOutcome> run_pull(const Layout& layout, const PullRequest& request,
                             const std::vector<PullJob>& jobs,
                             const std::function<void(const PullProgress&)>& progress,
                             const std::stop_token& stop) {
  Pull pull(layout, request, progress, stop);
  if (auto ready = pull.set_up(jobs); !ready) return tl::unexpected(ready.error());
  pull.run();
  return pull.outcome();
}

}  // namespace hfaudit
