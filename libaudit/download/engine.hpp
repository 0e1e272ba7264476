// The state of transfer_all(): files, their requests and their writers, driven by pure policies
// (ConnectionCount, StallDetector, RateLimiter, FileRetry, judge_request_end, range_length).
// transfer.hpp has its guarantees, ARCHITECTURE.md the reasons.
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "base/interval.hpp"
#include "digest/rate_limiter.hpp"
#include "download/connection_count.hpp"
#include "download/content_requests.hpp"
#include "download/file_transfer.hpp"
#include "download/request_end.hpp"
#include "download/stall_detector.hpp"

namespace hfaudit {

class Engine final : public StreamOwner {
 public:
  Engine(const std::vector<TransferJob>& jobs, TransferTarget& destination, const TransferHub& hub,
         const TransferLimits& limits, const std::function<void(const TransferProgress&)>& tick);

  [[nodiscard]] std::vector<TransferResult> run();

  http::Take may_take(FileTransfer& file, const Range& range) override;
  std::uint64_t take(FileTransfer& file, RangeStream& stream, std::span<const char> bytes) override;
  void found(FileTransfer& file, const RangeStream& stream) override { file.note_content(stream); }
  Range* take_whole(FileTransfer& file, RangeStream& stream) override;
  void record_silence(double silent_s) override { stall_detector_.note(silent_s); }

 private:
  using Clock = TransferClock;

  // Files (engine.cpp).
  void activate();
  void collect();
  void follow_writer(FileTransfer& file);
  void give_up(FileTransfer& file, const TransferResult& verdict);
  void stop_all(TransferResult verdict);
  void check_free_space();
  void publish_progress();

  // Requests (engine_requests.cpp).
  void feed();
  [[nodiscard]] bool may_request(const FileTransfer& file) const;
  [[nodiscard]] FileTransfer* neediest();
  void open_stream(FileTransfer& file, Range& range, StreamRole role);
  void start_request(RangeStream& stream, Url url, TokenUse token);
  void settle(FileTransfer& file);
  void settle(FileTransfer& file, RangeStream& stream);
  void settle_mirror(FileTransfer& file, RangeStream& stream);
  // The source for a request; nullopt: the Hub.
  [[nodiscard]] std::optional<std::size_t> source_for(const FileTransfer& file, const Range& range,
                                                      StreamRole role) const;
  void give_up_without_source(FileTransfer& file);
  [[nodiscard]] bool redirect(RangeStream& stream);
  void count_failure(FileTransfer& file, Clock::time_point began, const RequestOutcome& outcome);

  // Stalls and rates (engine_stalls.cpp).
  void handle_stalls();
  void hedge(FileTransfer& file, Range& range);
  void abandon(FileTransfer& file, Range& range);
  void resume_paused();
  [[nodiscard]] static std::uint64_t at_risk(const FileTransfer& file);
  void save_early();
  void adapt();

  [[nodiscard]] std::uint64_t bytes_ahead() const;

  const std::vector<TransferJob>& jobs_;
  TransferTarget& destination_;
  const TransferLimits& limits_;
  const std::function<void(const TransferProgress&)>& tick_;
  ContentRequests requests_;
  std::unique_ptr<http::Multi> multi_;

  Buffers buffers_;
  std::vector<MirrorHealth> mirror_health_;  // by source
  std::list<FileTransfer> files_;            // that are being downloaded
  std::size_t next_job_ = 0;
  std::vector<TransferResult> results_;
  std::optional<TransferResult> stopped_;  // the result of all unfinished jobs

  StallDetector stall_detector_;
  ConnectionCount connection_count_;
  RateLimiter rate_limiter_;
  Clock::time_point turn_;  // the time that the rate limiter goes by
  bool any_paused_ = false;
  Clock::time_point hub_quiet_until_;
  std::uint64_t received_ = 0;
  Interval progress_interval_, disk_interval_;
};

}  // namespace hfaudit
