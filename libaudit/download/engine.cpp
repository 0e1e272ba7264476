#include "download/engine.hpp"

#include <algorithm>
#include <system_error>

#include "download/range_length.hpp"
#include "hfaudit/version.hpp"

namespace hfaudit {
namespace {

constexpr std::chrono::milliseconds progress_often(100), disk_often(1000), rate_burst(100);

[[nodiscard]] std::size_t first_connections(const TransferLimits& limits, std::size_t jobs) {
  constexpr std::size_t least = 4;
  const auto files = std::min<std::size_t>(limits.files_at_once, jobs);
  return std::min<std::size_t>(limits.connections, std::max(files, least));
}

[[nodiscard]] TransferResult verdict_of(TransferEnd end, std::string cause) {
  TransferResult verdict;
  verdict.end = end;
  verdict.cause = std::move(cause);
  return verdict;
}

}  // namespace

Engine::Engine(const std::vector<TransferJob>& jobs, TransferTarget& destination,
               const TransferHub& hub, const TransferLimits& limits,
               const std::function<void(const TransferProgress&)>& tick)
    : jobs_(jobs),
      destination_(destination),
      limits_(limits),
      tick_(tick),
      requests_(hub, limits),
      results_(jobs.size()),
      connection_count_(first_connections(limits, jobs.size()), limits.connections, Clock::now()),
      rate_limiter_(limits.max_rate, Clock::now(), rate_burst),
      turn_(Clock::now()),
      hub_quiet_until_(turn_),
      progress_interval_(progress_often, turn_),
      disk_interval_(disk_often, turn_) {
  for (std::size_t i = 0; i < jobs_.size(); ++i)
    results_[i].on_disk = jobs_[i].prefix;
  for (const auto& job : jobs_) {
    if (job.mirrors.size() > mirror_health_.size()) mirror_health_.resize(job.mirrors.size());
  }
}

std::vector<TransferResult> Engine::run() {
  auto multi =
      http::Multi::create({"hfaudit/" + std::string(version()), requests_.hub().settings.ca_bundle,
                           limits_.ipv4_only, requests_.hub().ssh});
  if (!multi) {
    for (auto& result : results_) {
      result.end = TransferEnd::network_error;
      result.cause = multi.error().error.subject + ": " + multi.error().error.cause;
    }
    return std::move(results_);
  }
  multi_ = std::move(*multi);
  for (;;) {
    if (limits_.stop.stop_requested() && !stopped_) stop_all(verdict_of(TransferEnd::open, {}));
    activate();
    collect();
    if (files_.empty() && (stopped_ || next_job_ == jobs_.size())) break;
    feed();
    constexpr std::chrono::milliseconds usual(20), soon(4);
    connection_count_.add_wait(multi_->turn(any_paused_ ? soon : usual));
    adapt();
    for (auto& file : files_)
      settle(file);
    handle_stalls();
    save_early();
    resume_paused();
    check_free_space();
    if (progress_interval_.is_due(Clock::now())) publish_progress();
  }
  for (std::size_t i = next_job_; i < jobs_.size(); ++i) {
    results_[i] = stopped_.value_or(TransferResult{});
    results_[i].on_disk = jobs_[i].prefix;
  }
  multi_.reset();
  publish_progress();
  return std::move(results_);
}

void Engine::activate() {
  const auto most = std::max<std::size_t>(1, std::min(limits_.files_at_once, limits_.connections));
  while (!stopped_ && files_.size() < most && next_job_ < jobs_.size()) {
    auto& file = files_.emplace_back(next_job_, jobs_[next_job_], buffers_);
    try {
      file.writer = std::make_unique<FileWriter>(next_job_, file.job, destination_, buffers_,
                                                 limits_.stop, [this] { multi_->wake(); });
    } catch (const std::system_error&) {  // a limit on threads: those there do the work
      files_.pop_back();
      if (files_.empty())
        stop_all(
            verdict_of(TransferEnd::disk_error, "cannot start a thread: a limit on processes"));
      return;
    }
    ++next_job_;
  }
}

// Files whose writer has ended are done.
void Engine::collect() {
  for (auto file = files_.begin(); file != files_.end();) {
    follow_writer(*file);
    if (!file->writer) {
      file->cancel_streams(*multi_);
      file = files_.erase(file);
    } else {
      ++file;
    }
  }
}

void Engine::follow_writer(FileTransfer& file) {
  const auto phase = file.writer->take_phase();
  if (phase == WriterPhase::again) {
    file.cancel_streams(*multi_);
    file.restart_content();
    // the part of an earlier run may be wrong
    if (!file.resumed) file.mirrors.note_wrong_content();
  }
  const bool wants = phase == WriterPhase::open || phase == WriterPhase::again;
  if (wants && !file.open) {
    file.open = true;
    file.buffer.reset(file.writer->on_disk());
    auto restored = file.writer->take_restored();
    file.resumed = file.writer->on_disk() != 0 || !restored.empty();
    file.buffer.restore(std::move(restored), most_ahead);
  }
  if (phase != WriterPhase::ended) return;
  auto result = file.writer->take_result();
  if (file.verdict && result.end == TransferEnd::open) {
    result.end = file.verdict->end;
    result.cause = file.verdict->cause;
    result.hub = file.verdict->hub;
    result.retry_after_s = file.verdict->retry_after_s;
  }
  if (result.end == TransferEnd::disk_full && !stopped_)
    stop_all(verdict_of(TransferEnd::disk_full, result.cause));
  result.from_mirrors = file.mirrors.bytes();
  results_[file.number] = std::move(result);
  file.writer.reset();
}

// All received data stays: the part in order in the partial file, the rest in the file of
// pieces.
void Engine::give_up(FileTransfer& file, const TransferResult& verdict) {
  if (file.given_up()) return;
  file.cancel_streams(*multi_);
  file.buffer.flush_to(*file.writer, Flush::whole_pages);
  const bool disk_takes_it =
      verdict.end != TransferEnd::disk_full && verdict.end != TransferEnd::disk_error;
  for (auto& piece : file.buffer.take_rest()) {
    // the others lie there already
    if (disk_takes_it && piece.chunk.origin == ChunkOrigin::network)
      file.writer->keep(std::move(piece));
    else
      buffers_.give(std::move(piece.chunk));
  }
  file.verdict = verdict;
  file.writer->close();
}

void Engine::stop_all(TransferResult verdict) {
  stopped_ = std::move(verdict);
  for (auto& file : files_)
    give_up(file, *stopped_);
}

std::uint64_t Engine::bytes_ahead() const {
  std::uint64_t bytes = buffers_.queued;
  for (const auto& file : files_)
    bytes += file.buffer.ahead();
  return bytes;
}

// The bytes in memory must find room too: another process may be filling the disk.
void Engine::check_free_space() {
  if (stopped_ || !disk_interval_.is_due(Clock::now())) return;
  const auto free = destination_.free_bytes();
  if (free && *free < bytes_ahead())
    stop_all(verdict_of(TransferEnd::disk_full, "the disk is full"));
}

// Received data is written before it is reported.
void Engine::publish_progress() {
  for (auto& file : files_) {
    if (file.is_receiving()) file.buffer.flush_to(*file.writer, Flush::whole_pages);
  }
  if (!tick_) return;
  TransferProgress progress;
  progress.received = received_;
  progress.waits_s =
      std::max(std::chrono::duration<double>(hub_quiet_until_ - Clock::now()).count(), 0.0);
  progress.on_disk.reserve(jobs_.size());
  for (const auto& result : results_) {
    progress.on_disk.push_back(result.on_disk);
    progress.complete.push_back(result.end == TransferEnd::complete ||
                                result.end == TransferEnd::present);
  }
  for (const auto& file : files_) {
    progress.on_disk[file.number] = file.writer->on_disk();
    progress.running.push_back(file.number);
  }
  tick_(progress);
}

std::vector<TransferResult> transfer_all(const std::vector<TransferJob>& jobs,
                                         TransferTarget& destination, const TransferHub& hub,
                                         const TransferLimits& limits,
                                         const std::function<void(const TransferProgress&)>& tick) {
  return Engine(jobs, destination, hub, limits, tick).run();
}

}  // namespace hfaudit
