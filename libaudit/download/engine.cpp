#include "download/engine.hpp"

#include <algorithm>

#include "download/engine_limits.hpp"
#include "hfaudit/version.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t least_streams = 4;  // at first, where there are connections for them

}  // namespace

Engine::Engine(const std::vector<TransferJob>& jobs, TransferPlace& place, const TransferHub& hub,
               const TransferLimits& limits, const std::function<void(const TransferProgress&)>& tick)
    : jobs_(jobs),
      place_(place),
      hub_(hub),
      limits_(limits),
      tick_(tick),
      hub_url_(parse_url(hub.settings.endpoint.url)),
      results_(jobs.size()),
      measured_(Clock::now()),
      reported_(measured_),
      disk_seen_(measured_),
      hub_quiet_until_(measured_),
      allowed_(measured_) {
  for (std::size_t i = 0; i < jobs_.size(); ++i)
    results_[i].on_disk = jobs_[i].prefix;
}

std::vector<TransferResult> Engine::run() {
  auto multi =
      http::Multi::create({"hfaudit/" + std::string(version()), hub_.settings.ca_bundle, limits_.ipv4_only});
  if (!multi) {
    for (auto& result : results_) {
      result.end = TransferEnd::trouble;
      result.cause = multi.error().error.subject + ": " + multi.error().error.cause;
    }
    return std::move(results_);
  }
  multi_ = std::move(*multi);
  const auto files = std::min<std::size_t>(limits_.files_at_once, jobs_.size());
  target_ = std::min<std::size_t>(limits_.connections, std::max(files, least_streams));
  for (;;) {
    if (is_interrupted() && !stopping_) stop_all(TransferEnd::open, {});
    activate();
    collect();
    if (files_.empty() && (stopping_ || next_job_ == jobs_.size())) break;
    feed();
    constexpr std::chrono::milliseconds usual(20), soon(4);
    adapt(multi_->turn(any_paused_ ? soon : usual));
    for (auto& file : files_)
      settle(file);
    handle_stalls();
    resume_paused();
    check_free_space();
    report_progress();
  }
  for (std::size_t i = next_job_; i < jobs_.size(); ++i) {
    stopped_.on_disk = jobs_[i].prefix;
    results_[i] = stopped_;
  }
  multi_.reset();
  publish_progress();
  return std::move(results_);
}

bool Engine::is_interrupted() const {
  return limits_.interrupted != nullptr && limits_.interrupted->load(std::memory_order_relaxed);
}

void Engine::activate() {
  const auto most = std::max<std::size_t>(1, std::min(limits_.files_at_once, limits_.connections));
  while (!stopping_ && files_.size() < most && next_job_ < jobs_.size()) {
    auto& file = files_.emplace_back(next_job_, jobs_[next_job_], buffers_);
    file.writer = std::make_unique<FileWriter>(next_job_, file.job, place_, buffers_, limits_.interrupted,
                                               [this] { multi_->wake(); });
    ++next_job_;
  }
}

// What the writers have come to.
void Engine::collect() {
  for (auto file = files_.begin(); file != files_.end();) {
    follow_writer(*file);
    if (!file->writer) {
      drop_streams(*file);
      file = files_.erase(file);
    } else {
      ++file;
    }
  }
}

void Engine::follow_writer(FileTransfer& file) {
  const auto phase = file.writer->phase();
  if (phase == WriterPhase::again) {
    drop_streams(file);
    file.fresh = true;
    file.content.reset();
    file.validator.clear();
    file.open = false;
  }
  const bool wants = phase == WriterPhase::open || phase == WriterPhase::again;
  if (wants && !file.open) {
    file.open = true;
    file.buffer.reset(file.writer->on_disk());
  }
  if (phase != WriterPhase::ended) return;
  auto result = file.writer->take_result();
  if (file.verdict && result.end == TransferEnd::open) {
    result.end = file.verdict->end;
    result.cause = file.verdict->cause;
    result.hub = file.verdict->hub;
    result.asked_s = file.verdict->asked_s;
  }
  if (result.end == TransferEnd::disk_full && !stopping_) stop_all(TransferEnd::disk_full, result.cause);
  results_[file.number] = std::move(result);
  file.writer.reset();
}

void Engine::give_up(FileTransfer& file, TransferEnd end, std::string cause, HubTrouble hub) {
  if (file.given_up()) return;
  drop_streams(file);
  file.buffer.flush_to(*file.writer, true);
  file.verdict.emplace();
  file.verdict->end = end;
  file.verdict->cause = std::move(cause);
  file.verdict->hub = hub;
  file.verdict->asked_s = stopped_.asked_s;
  file.writer->close();
}

void Engine::stop_all(TransferEnd end, const std::string& cause, HubTrouble hub) {
  stopping_ = true;
  stopped_.end = end;
  stopped_.cause = cause;
  stopped_.hub = hub;
  for (auto& file : files_)
    give_up(file, end, cause, hub);
}

// What is in memory must still find room: somebody else may be filling the disk.
void Engine::check_free_space() {
  constexpr std::chrono::seconds often(1);
  const auto now = Clock::now();
  if (now - disk_seen_ < often || stopping_) return;
  disk_seen_ = now;
  std::uint64_t needed = buffers_.queued;
  for (const auto& file : files_)
    needed += file.buffer.ahead();
  const auto free = place_.free_bytes();
  if (free && *free < needed) stop_all(TransferEnd::disk_full, "the disk is full");
}

void Engine::report_progress() {
  constexpr std::chrono::milliseconds often(100);
  const auto now = Clock::now();
  if (now - reported_ < often) return;
  reported_ = now;
  for (auto& file : files_) {
    if (file.writer && file.open && !file.given_up()) file.buffer.flush_to(*file.writer, true);
  }
  publish_progress();
}

void Engine::publish_progress() {
  if (!tick_) return;
  TransferProgress progress;
  progress.received = received_;
  progress.waits_s = std::max(engine::seconds(hub_quiet_until_ - Clock::now()), 0.0);
  progress.on_disk.reserve(jobs_.size());
  for (const auto& result : results_)
    progress.on_disk.push_back(result.on_disk);
  for (const auto& file : files_) {
    progress.on_disk[file.number] = file.writer->on_disk();
    progress.running.push_back(file.number);
  }
  tick_(progress);
}

std::vector<TransferResult> transfer_all(const std::vector<TransferJob>& jobs, TransferPlace& place,
                                         const TransferHub& hub, const TransferLimits& limits,
                                         const std::function<void(const TransferProgress&)>& tick) {
  return Engine(jobs, place, hub, limits, tick).run();
}

}  // namespace hfaudit
