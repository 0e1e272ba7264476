#include "download/range_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "download/file_writer.hpp"

namespace hfaudit {

void RangeBuffer::reset(std::uint64_t start) {
  for (auto& range : ranges_) {
    for (auto& chunk : range.chunks)
      buffers_.give(std::move(chunk));
  }
  ranges_.clear();
  next_ = start;
}

Range& RangeBuffer::add(std::uint64_t length) {
  auto& range = ranges_.emplace_back();
  range.begin = range.at = next_;
  range.end = next_ + std::min(length, unrequested());
  next_ = range.end;
  return range;
}

Range* RangeBuffer::idle() {
  const auto found = std::find_if(ranges_.begin(), ranges_.end(), [](const Range& range) {
    return range.streams == 0 && !range.complete();
  });
  return found == ranges_.end() ? nullptr : &*found;
}

std::uint64_t RangeBuffer::ahead() const {
  return ranges_.empty() ? 0 : next_ - ranges_.front().end;
}

std::size_t RangeBuffer::accept(Range& range, std::uint64_t offset, std::span<const char> bytes) {
  const auto known = std::min<std::uint64_t>(range.at - offset, bytes.size());
  auto rest = bytes.subspan(static_cast<std::size_t>(known));
  rest = rest.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), range.end - range.at)));
  const auto fresh = rest.size();
  while (!rest.empty()) {
    if (range.chunks.empty() || range.chunks.back().room().empty())
      range.chunks.push_back(buffers_.take());
    auto& chunk = range.chunks.back();
    const auto count = std::min(rest.size(), chunk.room().size());
    std::memcpy(chunk.room().data(), rest.data(), count);
    chunk.length += count;
    rest = rest.subspan(count);
  }
  range.at += fresh;
  if (fresh != 0) range.hedges = 0;
  return fresh;
}

// The part behind the last whole page stays here: files are written in whole pages.
Chunk RangeBuffer::cut_page(Chunk& chunk) {
  auto rest = buffers_.take();
  rest.length = chunk.length % Chunk::page;
  chunk.length -= rest.length;
  std::memcpy(rest.memory.get(), chunk.memory.get() + chunk.length, rest.length);
  return rest;
}

void RangeBuffer::flush_to(FileWriter& writer, Flush flush) {
  while (!ranges_.empty()) {
    auto& range = ranges_.front();
    while (!range.chunks.empty()) {
      auto& first = range.chunks.front();
      const bool full = first.room().empty() || range.complete();
      if (!full && (flush == Flush::full_chunks || first.length < Chunk::page)) break;
      auto chunk = std::move(first);
      range.chunks.pop_front();
      if (!full) range.chunks.push_front(cut_page(chunk));
      writer.push(std::move(chunk));
    }
    if (!range.complete() || range.streams != 0) return;
    ranges_.pop_front();
  }
}

void RangeBuffer::cut(Range& range, std::uint64_t end) {
  range.end = next_ = end;
}

namespace {

// In the file, of the first chunk that the range still holds.
std::uint64_t first_offset(const Range& range) {
  auto offset = range.at;
  for (const auto& chunk : range.chunks)
    offset -= chunk.length;
  return offset;
}

}  // namespace

void RangeBuffer::restore(std::vector<EarlyPiece> pieces, std::uint64_t most) {
  const auto limit = next_ + std::min(most, size_ - next_);
  for (auto& piece : pieces) {
    if (piece.offset < next_ || piece.offset >= limit || piece.end() > size_) {
      buffers_.give(std::move(piece.chunk));
      continue;
    }
    if (piece.offset != next_) (void)add(piece.offset - next_);
    auto& range = add(piece.chunk.length);
    range.at = range.end;
    range.chunks.push_back(std::move(piece.chunk));
  }
}

std::vector<EarlyPiece> RangeBuffer::take_rest() {
  std::vector<EarlyPiece> rest;
  for (auto& range : ranges_) {
    auto offset = first_offset(range);
    for (auto& chunk : range.chunks) {
      const auto length = chunk.length;
      rest.push_back({offset, std::move(chunk)});
      offset += length;
    }
    range.chunks.clear();
  }
  return rest;
}

std::uint64_t RangeBuffer::unsaved() const {
  std::uint64_t bytes = 0;
  for (const auto& range : ranges_) {
    for (const auto& chunk : range.chunks)
      bytes += chunk.origin == ChunkOrigin::network ? chunk.length : 0;
  }
  return bytes;
}

std::optional<EarlyPiece> RangeBuffer::copy_unsaved() {
  for (auto range = ranges_.rbegin(); range != ranges_.rend(); ++range) {
    if (&*range == &ranges_.front()) break;
    auto end = range->at;
    for (auto chunk = range->chunks.rbegin(); chunk != range->chunks.rend(); ++chunk) {
      const auto offset = end - chunk->length;
      end = offset;
      const bool full = chunk->room().empty() || range->complete();
      if (!full || chunk->origin != ChunkOrigin::network) continue;
      EarlyPiece copy{offset, buffers_.take()};
      std::memcpy(copy.chunk.memory.get(), chunk->memory.get(), chunk->length);
      copy.chunk.length = chunk->length;
      chunk->origin = ChunkOrigin::saved;
      return copy;
    }
  }
  return std::nullopt;
}

Range& RangeBuffer::join() {
  auto& head = ranges_.front();
  for (auto range = std::next(ranges_.begin()); range != ranges_.end(); ++range) {
    for (auto& chunk : range->chunks)
      buffers_.give(std::move(chunk));
  }
  ranges_.erase(std::next(ranges_.begin()), ranges_.end());
  head.end = next_ = size_;
  return head;
}

}  // namespace hfaudit
