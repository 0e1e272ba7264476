// pull(): repos in turns, attempt after attempt; the audit that gives the verdict is in
// pull_report.
#include "pull/run.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

#include "audit/run.hpp"
#include "base/fnmatch.hpp"
#include "hfaudit/pull.hpp"
#include "pull/pull_run.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

[[nodiscard]] double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

[[nodiscard]] Clock::duration exactly(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// Clients that failed together shall come back at different times.
[[nodiscard]] Clock::duration spread(double seconds) {
  constexpr double least = 0.85, most = 1.15;
  static thread_local std::minstd_rand source(std::random_device{}());
  const double share = std::uniform_real_distribution<double>(least, most)(source);
  return exactly(seconds * share);
}

// "Hub returned 503" without "; try again later": the run does that itself.
[[nodiscard]] std::string_view without_advice(std::string_view failure) {
  return failure.substr(0, failure.find("; try again "));
}

}  // namespace

Result<void> PullRun::set_up(const std::vector<PullJob>& jobs) {
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
      [this](PullProgress& progress) { report_progress(std::move(progress), running_); }, stop_});
  for (const auto& job : jobs)
    queue(job);
  return {};
}

void PullRun::queue(const PullJob& job) {
  auto& turn = turns_.emplace_back();
  turn.repo = std::make_unique<RepoPull>(*context_, job);
  turn.number = turns_.size();
  turn.due = began_;
}

namespace {

// `acme/seven`, and not `onnx/model.onnx`.
bool has_extension(const std::string& word) {
  return word.find('.', word.rfind('/') + 1) != std::string::npos;
}

}  // namespace

// The words that the listing of the first repo lacks are REPOs. Where that repo has to be tried
// again, the others do not wait for it, unless they look like files.
void PullRun::queue_words(const QueuedRepo& first) {
  if (first.number != 1 || words_left_.empty()) return;
  const bool settled = first.repo->is_listed() || first.ended;
  const auto& files = first.repo->named_files();
  std::vector<PullWord> left;
  for (auto& word : std::exchange(words_left_, {})) {
    const bool is_file = std::find(files.begin(), files.end(), word.text) != files.end();
    if (is_file || request_.what.local_dir) continue;
    if (!settled && has_extension(word.text)) {
      left.push_back(std::move(word));
      continue;
    }
    const bool file_like = has_extension(word.text) || word.text.find('/') == std::string::npos;
    queue_repos(word, file_like && first.repo->is_listed() ? first.repo->asked().name() : "");
  }
  words_left_ = std::move(left);
  if (settled) narrow_to(files);
}

void PullRun::queue_repos(const PullWord& word, const std::string& no_file_of) {
  auto& repos = request_.what.repos;
  for (const auto& repo : word.repos) {
    const bool known = std::any_of(repos.begin(), repos.end(), [&](const RepoRequest& one) {
      return one.repo == repo.repo && one.revision == repo.revision;
    });
    if (known) continue;
    repos.push_back(repo);
    queue({repo, {}, false, {}, no_file_of});
  }
}

// With files alone, the report is about these files, as with --include.
void PullRun::narrow_to(const std::vector<std::string>& files) {
  auto& what = request_.what;
  if (files.empty() || what.repos.size() > 1) return;
  what.exclude.clear();
  what.include.clear();
  for (const auto& path : files)
    what.include.push_back(fnmatch_quote(path));
}

Result<void> PullRun::find_sources(const HubSettings& settings) {
  const auto owner = find_cache_owner(layout_, request_.what);
  auto recipient = owner ? os::recipient_of(*owner) : nullptr;
  ssh_ = find_ssh_access(request_.download.from, system_environment());
  const WebOptions options{settings.ca_bundle, settings.etag_timeout_s, request_.download.ipv4_only,
                           ssh_, stop_};
  auto opened =
      open_sources(request_.download.from, layout_.hub_cache.path, std::move(recipient), options);
  if (!opened) return tl::unexpected<Error>(opened.error());
  sources_ = std::move(*opened);
  return {};
}

void PullRun::report_progress(PullProgress progress, std::size_t number) {
  progress.number = number;
  progress.repos = turns_.size();
  progress.seconds = seconds_since(began_);
  progress.received = 0;
  for (const auto& turn : turns_)
    progress.received += turn.repo->transfer().received;
  if (progress_) progress_(progress);
}

bool PullRun::all_ended() const {
  return std::all_of(turns_.begin(), turns_.end(),
                     [](const QueuedRepo& turn) { return turn.ended; });
}

// Repos that have waited long enough, in the order of the request; a repo that was tried goes to
// the end of the queue.
void PullRun::run() {
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
    auto& turn = turns_.back();
    run_next_repo(turn);
    queue_words(turn);
  }
}

void PullRun::run_next_repo(QueuedRepo& turn) {
  running_ = turn.number;
  const auto came_to = turn.repo->attempt();
  // its final state; the last reported one may be old
  report_progress(turn.repo->progress_at(PullStep::check), turn.number);
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

// The server's Retry-After, bounded by the longest of --waits: the user decides how long a job
// runs, rather than a server. A minute is always granted.
double PullRun::bounded_wait(QueuedRepo& turn) const {
  constexpr double always_s = 60;
  const double asked_s = turn.repo->retry_after_s().value_or(0);
  double most_s = always_s;
  for (const double wait : request_.download.waits_s)
    most_s = std::max(most_s, wait);
  if (asked_s <= most_s) return asked_s;
  turn.note = std::string(without_advice(turn.note)) + " and asks for " +
              std::to_string(std::lround(asked_s)) + " s, which --waits limits to " +
              std::to_string(std::lround(most_s)) + " s";
  return most_s;
}

// Of those that wait, the next one; its reason for waiting is reported meanwhile.
void PullRun::wait_for_turn() {
  const QueuedRepo* next = nullptr;
  for (const auto& turn : turns_) {
    if (!turn.ended && (next == nullptr || turn.due < next->due)) next = &turn;
  }
  while (next != nullptr && Clock::now() < next->due && !is_interrupted()) {
    auto progress = next->repo->progress_at(PullStep::wait);
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(next->due - Clock::now() + 999ms);
    progress.note = std::string(without_advice(next->note)) + "; retrying in " +
                    std::to_string(left.count()) + " s";
    report_progress(std::move(progress), next->number);
    std::this_thread::sleep_for(std::min<Clock::duration>(100ms, next->due - Clock::now()));
  }
}

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
  PullRun pull(layout, request, progress, stop);
  std::vector<PullJob> jobs;
  for (const auto& repo : request.what.repos) {
    jobs.push_back({repo, {}});
    // a lock file may hold several commits of the first repo
    if (repo.repo == request.what.repos.front().repo) jobs.back().words = request.words;
  }
  if (auto ready = pull.set_up(jobs); !ready) return tl::unexpected(ready.error());
  pull.run();
  return pull.report();
}

Result<PullOutcome> run_pull(const Layout& layout, const PullRequest& request,
                             const std::vector<PullJob>& jobs,
                             const std::function<void(const PullProgress&)>& progress,
                             const std::stop_token& stop) {
  PullRun pull(layout, request, progress, stop);
  if (auto ready = pull.set_up(jobs); !ready) return tl::unexpected(ready.error());
  pull.run();
  return pull.outcome();
}

}  // namespace hfaudit
