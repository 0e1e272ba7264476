// The bytes of one file between the network and its writer: ranges that are requested one by one,
// and flushed in order.
//
//   0 .. on disk | head: flushed at once | ahead: kept until its turn | unrequested .. size
//
// For one thread. A Range stays where it is until it is flushed as a whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <span>
#include <vector>

#include "download/piece_file.hpp"

namespace hfaudit {

class FileWriter;

struct Range {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t at = 0;  // the part before it is complete
  unsigned streams = 0;  // requests that run for it
  unsigned hedges = 0;   // second requests, since the last byte
  std::deque<Chunk> chunks;
  std::chrono::steady_clock::time_point progressed;  // the last new byte, or the first request

  [[nodiscard]] bool complete() const { return at == end; }
};

enum class Flush : std::uint8_t {
  full_chunks,
  whole_pages  // of the last chunk too, though it has room left
};

class RangeBuffer {
 public:
  RangeBuffer(std::uint64_t size, Buffers& buffers) : size_(size), buffers_(buffers) {}
  ~RangeBuffer() { reset(size_); }
  RangeBuffer(const RangeBuffer&) = delete;
  RangeBuffer& operator=(const RangeBuffer&) = delete;

  // Everything before `start` is on disk, and requests are yet to be made.
  void reset(std::uint64_t start);
  // The next unrequested range; length bytes, or fewer at the end.
  Range& add(std::uint64_t length);
  [[nodiscard]] std::uint64_t unrequested() const { return size_ - next_; }
  // The first range without a request.
  [[nodiscard]] Range* idle();
  [[nodiscard]] Range* head() { return ranges_.empty() ? nullptr : &ranges_.front(); }
  [[nodiscard]] std::size_t ranges() const { return ranges_.size(); }
  // Bytes that are requested, or kept, behind the head.
  [[nodiscard]] std::uint64_t ahead() const;
  // Bytes of `bytes`, which begin at `offset` of the file, that are news to the range: copied.
  std::size_t accept(Range& range, std::uint64_t offset, std::span<const char> bytes);
  // Passes the bytes that are in order to the writer.
  void flush_to(FileWriter& writer, Flush flush);
  // The last range gets this much shorter an end, so that others may help.
  void cut(Range& range, std::uint64_t end);
  // After reset(): pieces of an earlier run, by offset. The gaps between them are ranges without a
  // request. Those that begin more than `most` bytes behind the start are left out.
  void restore(std::vector<EarlyPiece> pieces, std::uint64_t most);
  // All unflushed bytes; requesting is over.
  [[nodiscard]] std::vector<EarlyPiece> take_rest();
  // Bytes that are in memory alone.
  [[nodiscard]] std::uint64_t unsaved() const;
  // A copy of the last full chunk that is in memory alone; it counts as saved from then on. nullopt
  // without such a chunk behind the head.
  [[nodiscard]] std::optional<EarlyPiece> copy_unsaved();
  // One range to the end of the file in place of all.
  Range& join();

 private:
  [[nodiscard]] Chunk cut_page(Chunk& chunk);

  std::uint64_t size_;
  Buffers& buffers_;
  std::uint64_t next_ = 0;
  std::list<Range> ranges_;
};

}  // namespace hfaudit
