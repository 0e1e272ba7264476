// transfer_all() at work. See transfer.hpp for what it promises, ARCHITECTURE.md for why it is so.
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "download/file_transfer.hpp"
#include "download/stall_detector.hpp"

namespace hfaudit {

class Engine final : public StreamOwner {
 public:
  Engine(const std::vector<TransferJob>& jobs, TransferPlace& place, const TransferHub& hub,
         const TransferLimits& limits, const std::function<void(const TransferProgress&)>& tick);

  [[nodiscard]] std::vector<TransferResult> run();

  http::Take may_take(FileTransfer& file, const Range& range, std::size_t bytes) override;
  std::uint64_t take(FileTransfer& file, Range& range, std::uint64_t offset, std::span<const char> bytes) override;
  void found(FileTransfer& file, const RangeStream& stream) override;
  Range& take_whole(FileTransfer& file, RangeStream& stream) override;
  void heard(double silent_s) override { stall_detector_.note(silent_s); }

 private:
  using Clock = TransferClock;

  // Files on their way (engine.cpp).
  void activate();
  void follow_writer(FileTransfer& file);
  void give_up(FileTransfer& file, TransferEnd end, std::string cause, HubTrouble hub = HubTrouble::unreachable);
  void stop_all(TransferEnd end, const std::string& cause, HubTrouble hub = HubTrouble::unreachable);
  void collect();
  void check_free_space();
  void report_progress();
  void publish_progress();
  [[nodiscard]] bool is_interrupted() const;

  // What to ask for (engine_feed.cpp).
  void feed();
  [[nodiscard]] bool may_ask(const FileTransfer& file) const;
  [[nodiscard]] std::uint64_t ahead_length() const;
  [[nodiscard]] std::uint64_t solo_length(FileTransfer& file) const;
  [[nodiscard]] FileTransfer* most_in_need();
  [[nodiscard]] bool make_room(FileTransfer& file) const;
  void open_stream(FileTransfer& file, Range& range, bool is_hedge);
  void ask(RangeStream& stream);
  [[nodiscard]] std::size_t streams() const;
  [[nodiscard]] bool is_of_hub(const Url& url) const;

  // What came of it (engine_settle.cpp).
  void settle(FileTransfer& file);
  void settle(FileTransfer& file, RangeStream& stream);
  void settle_body(FileTransfer& file, RangeStream& stream);
  void settle_wait(FileTransfer& file, const RangeStream& stream);
  void settle_refusal(FileTransfer& file, RangeStream& stream);
  [[nodiscard]] bool redirect(RangeStream& stream);
  void fail(FileTransfer& file, Clock::time_point began, const std::string& cause, std::optional<double> asked_s,
            HubTrouble hub);
  static void forget_content(FileTransfer& file, const RangeStream& stream);
  void drop(FileTransfer& file, RangeStream& stream);
  void drop_streams(FileTransfer& file);

  // Stalls and rates (engine_pace.cpp).
  void handle_stalls();
  [[nodiscard]] bool is_dead(const Range& range) const;
  [[nodiscard]] static bool is_silent(const FileTransfer& file, const Range& range, double threshold);
  void hedge(FileTransfer& file, Range& range);
  void drop_hedge(FileTransfer& file, Range& range);  // of the streams for it; there are two
  void abandon(FileTransfer& file, Range& range);
  void resume_paused();
  [[nodiscard]] bool any_silent() const;
  void adapt(std::chrono::nanoseconds waited);

  const std::vector<TransferJob>& jobs_;
  TransferPlace& place_;
  const TransferHub& hub_;
  const TransferLimits& limits_;
  const std::function<void(const TransferProgress&)>& tick_;

  std::optional<Url> hub_url_;
  bool token_works_ = true;
  std::unique_ptr<http::Multi> multi_;
  Buffers buffers_;
  std::list<FileTransfer> files_;  // that are on their way
  std::size_t next_job_ = 0;
  std::vector<TransferResult> results_;
  bool stopping_ = false;
  TransferResult stopped_;  // what the jobs that were not begun are told

  StallDetector stall_detector_;
  std::size_t target_ = 0;  // streams that are worth having
  std::chrono::nanoseconds waited_{0};
  std::uint64_t measured_at_ = 0;  // of received_
  std::size_t tried_from_ = 0;     // target_ before it was raised on trial; 0: it is not on trial
  double rate_before_ = 0;         // bytes per second, then
  Clock::time_point may_grow_;
  Clock::time_point measured_, reported_, disk_seen_, hub_quiet_until_;
  std::uint64_t received_ = 0;
  double allowance_ = 0;  // bytes that max_rate still allows
  Clock::time_point allowed_;
  bool any_paused_ = false;
};

}  // namespace hfaudit
