// The engine: whether bytes may be taken now, stalls, rates, and how many streams are worth having.
#include <algorithm>
#include <cmath>

#include "download/engine.hpp"
#include "download/engine_limits.hpp"

namespace hfaudit {
namespace {

constexpr unsigned most_streams_a_range = 3;
// Where ranges are ignored another one begins at zero: what it has to catch up with may be most of the file.
constexpr double threshold_of_whole_s = 10;

}  // namespace

using namespace engine;

http::Take Engine::may_take(FileTransfer& file, const Range& range, std::size_t) {
  const bool head = file.buffer.head() == &range;
  const bool too_fast = limits_.max_rate != 0 && allowance_ <= 0;
  const bool disk_behind = head && buffers_.queued > most_queued;
  if (!too_fast && !disk_behind) return http::Take::all;
  any_paused_ = true;
  return http::Take::pause;
}

std::uint64_t Engine::take(FileTransfer& file, Range& range, std::uint64_t offset, std::span<const char> bytes) {
  const auto news = file.buffer.accept(range, offset, bytes);
  received_ += bytes.size();
  allowance_ -= static_cast<double>(bytes.size());
  if (news != 0) file.failures = 0;
  file.buffer.flush_to(*file.writer, false);  // libcurl may go on for long before its turn ends
  return news;
}

void Engine::found(FileTransfer& file, const RangeStream& stream) {
  if (file.validator.empty()) file.validator = stream.verdict.validator;
  if (file.content) return;
  file.content = stream.url;
  file.content_with_token = stream.with_token;
}

Range& Engine::take_whole(FileTransfer& file, RangeStream& stream) {
  file.whole_only = true;
  const bool own = stream.range() == file.buffer.head();
  for (auto& other : file.streams) {
    const bool may_still_win = own && other->range() == stream.range();
    if (other.get() != &stream && !may_still_win) drop(file, *other);
  }
  auto& range = file.buffer.join();
  if (!own) ++range.streams;
  return range;
}

// A range that is silent for longer than this server usually is gets a second request, on another connection; if
// that is silent, too, two others in its place, for not all of them will meet the same fate. Whoever brings the
// bytes first wins. The first one stays, and each time it takes twice as long: a server that is slow to begin is
// heard in the end.
void Engine::handle_stalls() {
  const auto threshold = stall_detector_.threshold();
  for (auto& file : files_) {
    const auto count = file.streams.size();
    for (std::size_t i = 0; i < count && file.open && !file.given_up(); ++i) {
      auto& stream = *file.streams[i];
      auto* range = stream.range();
      if (stream.ended || stream.paused || range == nullptr || range->complete()) continue;
      if (is_dead(*range)) {
        abandon(file, *range);
      } else if (is_silent(file, *range, file.whole_only ? std::max(threshold, threshold_of_whole_s) : threshold)) {
        hedge(file, *range);
      }
    }
  }
}

// All that were asked for it.
bool Engine::is_silent(const FileTransfer& file, const Range& range, double threshold) {
  constexpr unsigned most_doublings = 16;
  const auto enough = std::ldexp(threshold, static_cast<int>(std::min(range.hedges, most_doublings)));
  return std::all_of(file.streams.begin(), file.streams.end(), [&](const auto& stream) {
    return stream->range() != &range || (!stream->paused && stream->silent_s() >= enough);
  });
}

void Engine::hedge(FileTransfer& file, Range& range) {
  ++range.hedges;
  const unsigned more = range.hedges == 1 || file.whole_only ? 1 : 2;
  while (range.streams + more > most_streams_a_range)
    drop_hedge(file, range);
  for (auto& stream : file.streams)
    stream->hedged = stream->hedged || stream->range() == &range;
  for (unsigned i = 0; i < more; ++i)
    open_stream(file, range, true);
}

// The last resort.
bool Engine::is_dead(const Range& range) const {
  return Clock::now() - range.news > std::chrono::seconds(limits_.idle_timeout_s);
}

void Engine::abandon(FileTransfer& file, Range& range) {
  for (auto& stream : file.streams) {
    if (stream->range() == &range) drop(file, *stream);
  }
  file.content.reset();
  fail(file, Clock::now(), "not a byte came for " + std::to_string(limits_.idle_timeout_s) + " s", std::nullopt,
       HubTrouble::unreachable);
}

void Engine::drop_hedge(FileTransfer& file, Range& range) {
  const auto is_for_it = [&](const auto& stream) { return stream->range() == &range; };
  const auto first = std::find_if(file.streams.begin(), file.streams.end(), is_for_it);
  drop(file, **std::find_if(std::next(first), file.streams.end(), is_for_it));
}

void Engine::resume_paused() {
  const auto now = Clock::now();
  if (limits_.max_rate != 0) {
    const auto rate = static_cast<double>(limits_.max_rate);
    constexpr double burst_s = 0.1;
    allowance_ = std::min(allowance_ + rate * seconds(now - allowed_), rate * burst_s);
    allowed_ = now;
    if (allowance_ <= 0) return;
  }
  if (!any_paused_ || buffers_.queued > most_queued / 2) return;
  any_paused_ = false;
  for (auto& file : files_) {
    for (auto& stream : file.streams) {
      if (!stream->paused || stream->ended) continue;
      stream->paused = false;
      multi_->resume(stream->id);
    }
  }
}

// Then it is not for want of streams that nothing comes.
bool Engine::any_silent() const {
  constexpr double long_s = 0.1;
  for (const auto& file : files_) {
    for (const auto& stream : file.streams) {
      if (!stream->ended && stream->silent_s() > long_s) return true;
    }
  }
  return false;
}

// Twice as many streams where everybody waits for the network; and back again where that brings nothing, for ranges
// are longer, and silence costs less, with few.
void Engine::adapt(std::chrono::nanoseconds waited) {
  waited_ += waited;
  const auto now = Clock::now();
  const double passed = seconds(now - measured_);
  constexpr double least_s = 0.03, round_trips = 4;
  if (passed < (tried_from_ == 0 ? least_s : std::max(least_s, round_trips * stall_detector_.longest()))) return;
  const double share = seconds(waited_) / passed;
  const double rate = static_cast<double>(received_ - measured_at_) / passed;
  waited_ = {};
  measured_ = now;
  measured_at_ = received_;

  constexpr double worth_it = 1.1;
  constexpr std::chrono::seconds pause(3);
  const bool in_vain = tried_from_ != 0 && rate < worth_it * rate_before_;
  if (in_vain) {
    target_ = tried_from_;
    may_grow_ = now + pause;
  }
  tried_from_ = 0;
  constexpr double network_bound = 0.3;
  constexpr std::uint64_t little = 8 * mib;
  const bool wanted = share > network_bound && buffers_.queued < little && streams() >= target_ && !any_silent();
  if (!wanted || now < may_grow_ || target_ >= limits_.connections) return;
  tried_from_ = target_;
  rate_before_ = rate;
  target_ = std::min<std::size_t>(limits_.connections, 2 * target_);
}

}  // namespace hfaudit
