#include "download/file_transfer.hpp"

#include <algorithm>
#include <limits>

#include "download/range_length.hpp"

namespace hfaudit {

std::size_t FileTransfer::running() const {
  return static_cast<std::size_t>(
      std::count_if(streams.begin(), streams.end(),
                    [](const auto& stream) { return !stream->is_hedge && !stream->hedged; }));
}

std::size_t FileTransfer::stalled() const {
  return static_cast<std::size_t>(
      std::count_if(streams.begin(), streams.end(), [](const auto& stream) {
        constexpr double long_s = 0.1;
        return !stream->is_hedge && !stream->hedged && !stream->ended &&
               stream->silent_s() > long_s;
      }));
}

RangeActivity FileTransfer::activity_of(const Range& range) const {
  RangeActivity activity;
  activity.silent_s = std::numeric_limits<double>::infinity();
  for (const auto& stream : streams) {
    if (stream->range() != &range) continue;
    activity.silent_s = std::min(activity.silent_s, stream->silent_s());
    activity.paused = activity.paused || stream->paused;
  }
  activity.no_progress_s =
      std::chrono::duration<double>(TransferClock::now() - range.progressed).count();
  activity.hedges = range.hedges;
  activity.whole_only = whole_only;
  return activity;
}

std::vector<std::size_t> FileTransfer::running_by_source() const {
  std::vector<std::size_t> running(mirrors.count());
  for (const auto& stream : streams) {
    if (stream->mirror && !stream->ended) ++running[*stream->mirror];
  }
  return running;
}

std::vector<std::size_t> FileTransfer::sources_of(const Range& range) const {
  std::vector<std::size_t> sources;
  for (const auto& stream : streams) {
    if (stream->range() == &range && stream->mirror) sources.push_back(*stream->mirror);
  }
  return sources;
}

Range& FileTransfer::add_range(std::size_t connections, std::size_t files) {
  if (connections > files) return buffer.add(ahead_length(connections));
  solo = solo_length(solo);
  return buffer.add(solo);
}

bool FileTransfer::make_room(std::size_t connections) {
  auto* head = buffer.head();
  if (buffer.ranges() == 1) {
    const auto end = cut_for_second(head->at, head->end, ahead_length(connections));
    if (end != head->end) buffer.cut(*head, end);
  }
  return buffer.unrequested() != 0;
}

void FileTransfer::note_content(const RangeStream& stream) {
  if (stream.mirror) {
    auto& known = mirrors.validator(*stream.mirror);
    if (known.empty()) known = stream.verdict.validator;
    return;
  }
  if (validator.empty()) validator = stream.verdict.validator;
  if (content) return;
  content = stream.url;
  content_token = stream.token;
}

void FileTransfer::forget_content(const RangeStream& stream) {
  if (content && stream.url && content->text() == stream.url->text()) content.reset();
}

void FileTransfer::restart_content() {
  connection = ConnectionUse::fresh;
  content.reset();
  validator.clear();
  open = false;
}

void FileTransfer::cancel_streams(http::Multi& multi) {
  for (auto& stream : streams)
    stream->cancel(multi);
  streams.clear();
}

void FileTransfer::cancel_streams_of(const Range& range, http::Multi& multi) {
  for (auto& stream : streams) {
    if (stream->range() == &range) stream->cancel(multi);
  }
}

void FileTransfer::cancel_hedge(const Range& range, http::Multi& multi) {
  const auto is_for_it = [&](const auto& stream) { return stream->range() == &range; };
  const auto first = std::find_if(streams.begin(), streams.end(), is_for_it);
  (*std::find_if(std::next(first), streams.end(), is_for_it))->cancel(multi);
}

void FileTransfer::finish_ranges(http::Multi& multi) {
  for (auto& stream : streams) {
    auto* range = stream->range();
    if (range == nullptr || !range->complete()) continue;
    const bool last_byte_here = stream->offset() >= range->end;
    --range->streams;
    stream->leave_range();
    if (!last_byte_here && !stream->ended) stream->cancel(multi);
  }
  std::erase_if(streams,
                [](const auto& stream) { return stream->ended && stream->range() == nullptr; });
}

}  // namespace hfaudit
