// The bytes of one file between the network and its writer: pieces that are asked for one by one, and handed on in
// order.
//
//   0 ........ on disk | head: handed on as it comes | ahead: kept until its turn | not asked for yet ........ size
//
// For one thread. A Piece stays where it is until it was handed on as a whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <span>

#include "download/buffers.hpp"

namespace hfaudit {

class FileWriter;

struct Piece {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t at = 0;  // what is before it has come
  unsigned streams = 0;  // requests that run for it
  unsigned doubts = 0;   // second requests, since the last byte
  std::deque<Chunk> chunks;
  std::chrono::steady_clock::time_point news;  // when something came last, or was asked for first

  [[nodiscard]] bool complete() const { return at == end; }
};

class Flow {
 public:
  Flow(std::uint64_t size, Buffers& buffers) : size_(size), buffers_(buffers) {}
  ~Flow() { reset(size_); }
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  // Everything before `start` is on disk, and nothing is asked for.
  void reset(std::uint64_t start);
  // The next piece that was not asked for; length bytes, or fewer at the end.
  Piece& add(std::uint64_t length);
  [[nodiscard]] std::uint64_t unasked() const { return size_ - next_; }
  // The first piece that nobody is bringing.
  [[nodiscard]] Piece* idle();
  [[nodiscard]] Piece* head() { return pieces_.empty() ? nullptr : &pieces_.front(); }
  [[nodiscard]] std::size_t pieces() const { return pieces_.size(); }
  // Bytes that are asked for, or kept, behind the head.
  [[nodiscard]] std::uint64_t ahead() const;
  // Bytes of `bytes`, which begin at `offset` of the file, that are news to the piece: copied.
  std::size_t accept(Piece& piece, std::uint64_t offset, std::span<const char> bytes);
  // Hands on what is in order. `partly`: the last bytes too, though there is room left behind them.
  void hand_on(FileWriter& writer, bool partly);
  // The last piece gets this much shorter an end, so that others may help.
  void cut(Piece& piece, std::uint64_t end);
  // One piece to the end of the file in place of all.
  Piece& join();

 private:
  [[nodiscard]] Chunk cut_page(Chunk& chunk);

  std::uint64_t size_;
  Buffers& buffers_;
  std::uint64_t next_ = 0;
  std::list<Piece> pieces_;
};

}  // namespace hfaudit
