// One preflight: its repos, one after the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "audit/run.hpp"
#include "hfaudit/preflight.hpp"
#include "os/fs.hpp"
#include "os/unix_time.hpp"
#include "preflight/repair_step.hpp"
#include "preflight/snapshot_state.hpp"

namespace hfaudit {

class Preflight {
 public:
  Preflight(const Layout& layout, const PreflightRequest& request, const PreflightEvents& events,
            const std::stop_token& stop)
      : layout_(layout),
        request_(request),
        events_(events),
        stop_(stop),
        until_(std::chrono::steady_clock::now() + request.wait) {}

  [[nodiscard]] Result<PreflightResult> run();

 private:
  // `quick`: while others are downloading. Leaves content unread and works offline, for every
  // check.
  enum class Depth { as_asked, quick };
  // One scan, and the decision on it (inspect.cpp).
  [[nodiscard]] Admission inspect(const RepoRequest& repo, Depth depth = Depth::as_asked);
  [[nodiscard]] std::optional<Report> whole_report(const RepoRequest& repo) const;
  [[nodiscard]] Admission refuse_missing(const RepoRequest& repo);
  [[nodiscard]] Result<Report> audit_of(const RepoRequest& repo, Depth depth) const;
  [[nodiscard]] Texts texts() const { return request_.loader ? Texts::of_tokenizers : Texts::none; }
  [[nodiscard]] Admission inspect_local(const RepoRequest& repo, Depth depth);
  // Waiting and repairing between two of them (run.cpp).
  [[nodiscard]] Admission decide(const RepoRequest& repo);
  [[nodiscard]] Admission wait_for_others(const RepoRequest& repo);
  [[nodiscard]] Admission repair_locked(const RepoRequest& repo, Admission last);
  [[nodiscard]] Admission repair_and_rescan(const RepoRequest& repo, const Admission& last);
  [[nodiscard]] RepairLock acquire_repair_lock(const RepoRequest& repo,
                                               const os::Directory& folder);
  [[nodiscard]] Admission query_hub(const RepoRequest& repo, Admission here) const;
  void report_waiting(const RepoRequest& repo) const;
  [[nodiscard]] bool is_interrupted() const { return stop_.stop_requested(); }
  [[nodiscard]] bool reads_content() const {
    return request_.check == PreflightCheck::sample || request_.check == PreflightCheck::full;
  }
  // Returns soon after an interruption.
  void pause(std::chrono::steady_clock::duration how_long) const;

  const Layout& layout_;
  const PreflightRequest& request_;
  const PreflightEvents& events_;
  std::stop_token stop_;
  std::chrono::steady_clock::time_point until_;
  std::int64_t started_ns_ = unix_time_ns();
  Report report_;  // of the last scan
};

// The commit of a request, as an offline client reads it: by a ref, or a whole commit. Abbreviated
// commits are unknown to it. Empty: the revision is absent.
[[nodiscard]] std::string commit_of(const Report& report, const RepoRequest& repo);

}  // namespace hfaudit
