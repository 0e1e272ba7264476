// The state of a pull: its repos in the queue, then the report.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "audit/run.hpp"
#include "os/unix_time.hpp"
#include "pull/job.hpp"
#include "pull/repo_pull.hpp"

namespace hfaudit {

// A repo in the queue.
struct QueuedRepo {
  std::unique_ptr<RepoPull> repo;
  std::size_t number = 0;
  std::chrono::steady_clock::time_point due;
  unsigned fruitless = 0;  // attempts, one after the other
  bool ended = false;
  std::string note;  // the reason for waiting
};

class PullRun {
 public:
  using Clock = std::chrono::steady_clock;

  PullRun(const Layout& layout, const PullRequest& request,
          const std::function<void(const PullProgress&)>& progress, const std::stop_token& stop)
      : layout_(layout),
        request_(request),
        progress_(progress),
        stop_(stop),
        words_left_(request.words) {}

  [[nodiscard]] Result<void> set_up(const std::vector<PullJob>& jobs);
  [[nodiscard]] Result<void> find_sources(const HubSettings& settings);
  void run();
  [[nodiscard]] Result<Report> report();
  [[nodiscard]] PullOutcome outcome();

 private:
  void queue(const PullJob& job);
  void run_next_repo(QueuedRepo& turn);
  void queue_words(const QueuedRepo& first);
  void queue_repos(const PullWord& word, const std::string& no_file_of);
  void narrow_to(const std::vector<std::string>& files);
  [[nodiscard]] double bounded_wait(QueuedRepo& turn) const;
  void wait_for_turn();
  [[nodiscard]] bool all_ended() const;
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }
  void report_progress(PullProgress progress, std::size_t number);
  [[nodiscard]] Result<Report> audit_what_is_there();
  void add_missing(Report& report) const;
  void set_basis(Report& report) const;
  [[nodiscard]] bool can_be_audited(const RepoPull& repo) const;
  [[nodiscard]] AuditRequest audit_of(std::vector<RepoRequest> repos) const;

  const Layout& layout_;
  PullRequest request_;  // its words become files or repos
  const std::function<void(const PullProgress&)>& progress_;
  std::stop_token stop_;
  std::int64_t started_ns_ = unix_time_ns();
  Clock::time_point began_ = Clock::now();
  ProvenFiles proven_;
  Sources sources_;
  std::optional<http::SshAccess> ssh_;
  std::unique_ptr<HubClient> client_;
  std::unique_ptr<PullContext> context_;
  std::list<QueuedRepo> turns_;
  std::size_t running_ = 0;           // its number
  std::vector<PullWord> words_left_;  // that may be files of the first repo, and REPOs
};

}  // namespace hfaudit
