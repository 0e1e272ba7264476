#include <algorithm>

#include "hfaudit/progress.hpp"

namespace hfaudit {

std::string TransferLog::take(const PullProgress& progress) {
  constexpr double kNowAndThen = 30;  // seconds
  std::string text;
  const bool another = current_ && *current_ != progress.repo;
  if (another) {
    Repo& left = repos_[*current_];
    if (!left.waiting) text += last_line(*current_, left);  // it is done: one that waits has another turn
  }
  current_ = progress.repo;
  seconds_ = progress.seconds;
  Repo& repo = repos_[progress.repo];
  repo.received += progress.received - std::min(received_, progress.received);
  received_ = progress.received;
  if (progress.step != PullStep::ask) {
    repo.bytes = progress.bytes;
    repo.total = progress.bytes_total;
  }

  if (progress.step == PullStep::transfer) {
    if (!repo.transferring || repo.waiting) repo.last = repo.before = {seconds_, repo.received};
    repo.transferring = true;
    if (seconds_ - repo.last.seconds >= kNowAndThen) text += line(progress.repo, repo);
  }
  if (progress.step == PullStep::verify) text += last_line(progress.repo, repo);
  const bool waits = progress.step == PullStep::wait && !progress.note.empty();
  if (waits && !repo.waiting) text += waiting_line(progress.repo, progress.note) + "\n";
  repo.waiting = progress.step == PullStep::wait;
  return text;
}

std::string TransferLog::finish() {
  std::string text;
  for (auto& [id, repo] : repos_)
    text += last_line(id, repo);
  return text;
}

std::string TransferLog::last_line(const RepoId& id, Repo& repo) const {
  if (!repo.transferring) return {};
  repo.transferring = false;
  return line(id, repo);
}

std::string TransferLog::line(const RepoId& id, Repo& repo) const {
  constexpr double kMeasurable = 1;  // seconds; a shorter time says little, so the one before counts too
  const Mark& since = seconds_ - repo.last.seconds < kMeasurable ? repo.before : repo.last;
  const double passed = seconds_ - since.seconds;
  const double speed = passed > 0 ? static_cast<double>(repo.received - since.received) / passed : 0;
  repo.before = repo.last;
  repo.last = {seconds_, repo.received};
  return transfer_line(id, repo.bytes, repo.total, speed) + "\n";
}

}  // namespace hfaudit
