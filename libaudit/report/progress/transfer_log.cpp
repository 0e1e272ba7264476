#include <algorithm>
#include <utility>

#include "report/progress/widgets.hpp"

namespace hfaudit {

namespace {

constexpr double now_and_then = 30;  // seconds

}  // namespace

std::string TransferLog::take(const PullProgress& progress) {
  const double previous_s = std::exchange(seconds_, progress.seconds);
  if (progress.step == PullStep::verify) return finish();  // of all repos, with numbers of its own
  std::string text;
  if (current_ && *current_ != progress.repo) {
    Repo& left = repos_[*current_];
    // one that waits has another turn
    if (left.step != PullStep::wait) text += last_line(*current_, left);
  }
  current_ = progress.repo;
  Repo& repo = repos_[progress.repo];
  const Mark previous{previous_s, repo.received};
  repo.received += progress.received - std::min(received_, progress.received);
  received_ = progress.received;
  if (progress.step != PullStep::ask) {
    repo.bytes = progress.bytes;
    repo.total = progress.bytes_total;
  }

  if (progress.step == PullStep::transfer) {
    // A small repo may be here already when it is heard of first: it counts from what came before.
    if (repo.step != PullStep::transfer) {
      repo.before = previous;
      repo.last = {seconds_, repo.received};
    }
    repo.transferring = true;
    if (seconds_ - repo.last.seconds >= now_and_then) text += line(progress.repo, repo);
  }
  repo.step = progress.step;
  return text + waiting(progress, repo);
}

// A repo that waits for another client checks again each second, and would log that each time.
std::string TransferLog::waiting(const PullProgress& progress, Repo& repo) const {
  const bool begins = !progress.note.empty() && !repo.waiting;
  repo.waiting = !progress.note.empty();
  const bool is_recent =
      repo.waited_for == progress.note && seconds_ - repo.reported_s < now_and_then;
  if (!begins || is_recent) return {};
  repo.waited_for = progress.note;
  repo.reported_s = seconds_;
  return waiting_line(progress.repo, progress.note) + "\n";
}

std::string TransferLog::finish() {
  std::string text;
  for (auto& [id, repo] : repos_)
    text += last_line(id, repo);
  return text;
}

std::string TransferLog::last_line(const RepoId& id, Repo& repo) const {
  if (!std::exchange(repo.transferring, false) || repo.total == 0) return {};
  return line(id, repo, repo.received > 0 || repo.bytes < repo.total);
}

std::string TransferLog::line(const RepoId& id, Repo& repo, bool has_speed) const {
  // seconds; a shorter time is inexact, so the one before counts too
  constexpr double measurable_s = 1;
  const Mark& since = seconds_ - repo.last.seconds < measurable_s ? repo.before : repo.last;
  const double passed = seconds_ - since.seconds;
  std::optional<double> speed;
  if (has_speed)
    speed = passed > 0 ? static_cast<double>(repo.received - since.received) / passed : 0;
  repo.before = repo.last;
  repo.last = {seconds_, repo.received};
  return transfer_line(id, repo.bytes, repo.total, speed) + "\n";
}

}  // namespace hfaudit
