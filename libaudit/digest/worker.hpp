// The work of one thread between two decisions of the pool: a turn with one stream, or with several
// side by side.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "digest/rate_limiter.hpp"
#include "digest/stream.hpp"
#include "os/read_buffer.hpp"

namespace hfaudit {

// The counters and limits of all threads of a pool.
struct ReadingState {
  ReadingState(std::uint64_t max_rate, const std::stop_token& stopped_by)
      : rate_limiter(max_rate), caller(stopped_by) {}
  [[nodiscard]] bool stopped() const {
    return stop.load(std::memory_order_relaxed) || caller.stop_requested();
  }
  // How long to wait before reading `more`.
  [[nodiscard]] std::chrono::nanoseconds spend(std::chrono::steady_clock::time_point now,
                                               std::uint64_t more) {
    const std::scoped_lock lock(rate_mutex);
    return rate_limiter.spend(now, more);
  }
  // In bytes; a file is worth some more, for opening it.
  [[nodiscard]] double done() const {
    constexpr double a_file = 65536;
    return static_cast<double>(bytes.load()) + static_cast<double>(files.load()) * a_file;
  }

  RateLimiter rate_limiter;
  std::mutex rate_mutex;
  std::stop_token caller;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> bytes{0}, files{0};
  std::atomic<std::int64_t> waited_ns{0};  // for disks, by all threads
};

class Worker {
 public:
  // 50 MiB for the 32 lowest ranks together, however many streams there are.
  Worker(unsigned rank, ReadingState& state, const Sha256Plan& plan)
      : state_(state),
        plan_(plan),
        memory_(memory_of(rank)),
        alone_buffer_(part_of(2, 0), queue_) {}

  // Both end where it is time for the pool to decide anew, or where it was stopped; the first where
  // the stream is over, the second where so many are that others should come beside the rest.
  void advance(Stream& stream);
  // At most plan.streams(), that want a partner and are not over.
  void advance(std::span<Stream* const> streams);
  // Of a stream that comes from a disk: whether others would make it faster. They would where the
  // processor is the limit. Where a spinning disk is, several readers only move its head.
  [[nodiscard]] bool gains_from_more() const { return !alone_; }

 private:
  struct WorkSlice {
    std::size_t streams;
    std::chrono::steady_clock::time_point begin;
    std::uint64_t done = 0;              // bytes, of all its streams
    std::chrono::nanoseconds waited{0};  // for disks
    std::chrono::nanoseconds slept{0};   // to keep to the rate limit
  };
  // A stream of a turn, and where its pieces lie.
  struct Seat {
    Stream* stream;
    os::ReadBuffer* buffer;
  };

  // The more threads there are, the less it matters how much each reads at once.
  [[nodiscard]] static constexpr std::size_t memory_of(unsigned rank) {
    return std::size_t{rank < 6 ? 4096U : 1024U} << 10;
  }
  [[nodiscard]] std::span<char> part_of(std::size_t parts, std::size_t part) const;
  [[nodiscard]] os::AfterRead after_read(const WorkSlice& turn) const;
  [[nodiscard]] static std::size_t most_of(std::span<const Seat> seats, std::size_t streams);
  void advance_together(WorkSlice& turn, std::span<const Seat> seats, os::AfterRead after);
  void count(WorkSlice& turn, Stream& stream, std::uint64_t bytes);
  void wait_for_rate(WorkSlice& turn, std::uint64_t bytes);
  void review(const WorkSlice& turn);

  ReadingState& state_;
  const Sha256Plan& plan_;
  os::DiskQueue queue_;
  os::PageMemory memory_;  // of all buffers, of which either the first or the others are in use
  os::ReadBuffer alone_buffer_;  // of half of the memory: a stream alone
  std::vector<std::unique_ptr<os::ReadBuffer>> buffers_;
  bool alone_ = false;
};

}  // namespace hfaudit
