// The engine: whether bytes may be taken now, stalls, rates, and the number of connections.
#include <algorithm>

#include "download/engine.hpp"
#include "download/range_length.hpp"

namespace hfaudit {
namespace {

// A mirror that stalls once may be busy; one that does so again and again costs more than it gives.
void note_stall(MirrorHealth& health) {
  constexpr unsigned enough = 3;
  if (++health.stalls < enough) return;
  health.down = true;
  health.cause = "it stalls repeatedly";
}

}  // namespace

http::Take Engine::may_take(FileTransfer& file, const Range& range) {
  const bool behind = disk_is_behind(file.buffer.head() == &range, buffers_.queued, at_risk(file));
  if (rate_limiter_.allows(turn_) && !behind) return http::Take::all;
  any_paused_ = true;
  return http::Take::pause;
}

std::uint64_t Engine::take(FileTransfer& file, RangeStream& stream, std::span<const char> bytes) {
  const auto fresh = file.buffer.accept(*stream.range(), stream.offset(), bytes);
  if (stream.mirror) file.mirrors.note_bytes(*stream.mirror, fresh);
  received_ += bytes.size();
  rate_limiter_.spend(turn_, bytes.size());
  if (fresh != 0) file.retry.note_progress();
  // libcurl may deliver for long before its turn ends
  file.buffer.flush_to(*file.writer, Flush::full_chunks);
  return fresh;
}

Range* Engine::take_whole(FileTransfer& file, RangeStream& stream) {
  if (stream.mirror && !file.mirrors.accept_whole(*stream.mirror, mirror_health_)) return nullptr;
  file.whole_only = true;
  const bool own = stream.range() == file.buffer.head();
  for (auto& other : file.streams) {
    const bool may_still_win = own && other->range() == stream.range();
    if (other.get() != &stream && !may_still_win) other->cancel(*multi_);
  }
  auto& range = file.buffer.join();
  if (!own) ++range.streams;
  return &range;
}

void Engine::handle_stalls() {
  for (auto& file : files_) {
    const auto count = file.streams.size();
    for (std::size_t i = 0; i < count && file.open && !file.given_up(); ++i) {
      auto& stream = *file.streams[i];
      auto* range = stream.range();
      if (stream.ended || stream.paused || range == nullptr || range->complete()) continue;
      const auto action =
          stall_detector_.action_for(file.activity_of(*range), limits_.idle_timeout_s);
      if (action == StallAction::abandon) abandon(file, *range);
      if (action == StallAction::hedge) hedge(file, *range);
    }
  }
}

void Engine::hedge(FileTransfer& file, Range& range) {
  for (const auto source : file.sources_of(range))
    note_stall(mirror_health_[source]);
  const auto plan = StallDetector::plan_hedge(range.hedges, range.streams, file.whole_only);
  ++range.hedges;
  for (std::size_t i = 0; i < plan.cancelled; ++i)
    file.cancel_hedge(range, *multi_);
  for (auto& stream : file.streams)
    stream->hedged = stream->hedged || stream->range() == &range;
  for (unsigned i = 0; i < plan.opened; ++i)
    open_stream(file, range, StreamRole::hedge);
}

void Engine::abandon(FileTransfer& file, Range& range) {
  for (const auto source : file.sources_of(range)) {
    mirror_health_[source].down = true;
    mirror_health_[source].cause = "it is stalled";
  }
  file.cancel_streams_of(range, *multi_);
  file.content.reset();
  RequestOutcome outcome;
  outcome.cause = "no byte received for " + std::to_string(limits_.idle_timeout_s) + " s";
  count_failure(file, Clock::now(), outcome);
}

void Engine::resume_paused() {
  turn_ = Clock::now();
  if (!any_paused_ || !rate_limiter_.allows(turn_) || buffers_.queued > most_queued / 2) return;
  any_paused_ = false;
  for (auto& file : files_) {
    const auto risk = at_risk(file);
    for (auto& stream : file.streams) {
      if (!stream->paused || stream->ended) continue;
      if (disk_is_behind(file.buffer.head() == stream->range(), buffers_.queued, risk)) {
        any_paused_ = true;
        continue;
      }
      stream->paused = false;
      multi_->resume(stream->id);
    }
  }
}

// Bytes that a SIGKILL would lose now.
std::uint64_t Engine::at_risk(const FileTransfer& file) {
  return file.buffer.unsaved() + file.writer->queued() + file.writer->keeping();
}

// Bytes that wait long for their turn are kept meanwhile, the last ones first: they will wait
// longest, and those before them may be spared the second copy.
void Engine::save_early() {
  for (auto& file : files_) {
    if (!file.is_receiving()) continue;
    while (file.buffer.unsaved() > most_unsaved && file.writer->keeping() < most_keeping) {
      auto piece = file.buffer.copy_unsaved();
      if (!piece) break;
      file.writer->keep(*std::move(piece));
    }
  }
}

void Engine::adapt() {
  const auto now = Clock::now();
  if (!connection_count_.is_due(now, stall_detector_.longest())) return;
  NetworkLoad load{received_, buffers_.queued};
  for (const auto& file : files_) {
    load.streams += file.running();
    load.stalled += file.stalled();
  }
  connection_count_.update(now, load);
}

}  // namespace hfaudit
