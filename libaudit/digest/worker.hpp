// What one thread of the pool does between two decisions of the pool: a turn with one stream, or
// with two side by side.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "digest/rate_limiter.hpp"
#include "digest/stream.hpp"
#include "os/read_buffer.hpp"

namespace hfaudit {

// What all threads of a pool count and obey.
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
  // 50 MiB for the 32 lowest ranks together.
  Worker(unsigned rank, ReadingState& state)
      : state_(state), first_(piece_of(rank), queue_), second_(piece_of(rank), queue_) {}

  // Both end where a stream is over, where it is time for the pool to decide anew, or where it was
  // stopped.
  void advance(Stream& stream);
  void advance(Stream& a, Stream& b);
  // Of a stream that comes from a disk: whether a second one would make it faster. It would where
  // the processor is what takes the time. Where the disk is, a head would only go to and fro.
  [[nodiscard]] bool gains_from_two() const { return !alone_; }

 private:
  struct WorkSlice {
    unsigned streams;
    std::chrono::steady_clock::time_point begin;
    std::uint64_t done = 0;              // bytes, of all its streams
    std::chrono::nanoseconds waited{0};  // for disks
    std::chrono::nanoseconds slept{0};   // to keep to the rate limit
  };

  // Four times this is what a thread has. The more there are, the less it matters how much each
  // reads at once.
  [[nodiscard]] static constexpr std::size_t piece_of(unsigned rank) {
    return std::size_t{rank < 6 ? 1024U : 256U} << 10;
  }
  [[nodiscard]] bool should_continue(const WorkSlice& turn) const;
  void advance_to_end(WorkSlice& turn, Stream& stream, os::ReadBuffer& buffer);
  void count(WorkSlice& turn, Stream& stream, std::uint64_t bytes);
  void wait_for_rate(WorkSlice& turn, std::uint64_t bytes);
  void review(const WorkSlice& turn);

  ReadingState& state_;
  os::DiskQueue queue_;
  os::ReadBuffer first_, second_;
  bool alone_ = false;
};

}  // namespace hfaudit
