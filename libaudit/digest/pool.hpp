// The threads that read and hash, and who of them has which file.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "digest/reading.hpp"
#include "digest/thread_count.hpp"
#include "digest/worker.hpp"

namespace hfaudit {

class Pool {
 public:
  Pool(const std::vector<ReadingJob>& jobs, ReadingSource& place, const ReadingLimits& limits);
  ~Pool() { end(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run(const std::function<void(const ReadingProgress&)>& tick);

 private:
  using Held = std::unique_ptr<Stream>;
  void call_in();
  void end();
  void live(unsigned rank);
  void run_worker(unsigned rank);
  [[nodiscard]] Held take(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Held partner_for(const Worker& worker, Stream& stream);
  [[nodiscard]] Held open(std::size_t job);
  void return_stream(Held stream);
  void count_finished();  // under the lock
  void work(Worker& worker, Held stream);
  void adapt(std::chrono::steady_clock::time_point now);
  [[nodiscard]] bool anything_left() const { return !idle_.empty() || next_ < jobs_.size(); }

  const std::vector<ReadingJob>& jobs_;
  ReadingSource& place_;
  const ReadingLimits& limits_;
  ReadingState state_;

  std::mutex mutex_;
  std::condition_variable changed_;    // for threads with nothing to do
  std::condition_variable rest_over_;  // for threads that are not wanted
  std::condition_variable over_;       // for who called
  std::size_t next_ = 0;               // the first job that nobody has begun
  std::uint64_t not_begun_ = 0;        // bytes, from there on
  std::vector<Held> idle_;             // begun, and in nobody's hands
  std::size_t finished_ = 0;
  unsigned waiting_ = 0;  // threads with nothing to do
  std::exception_ptr failure_;

  std::vector<std::thread> threads_;
  std::atomic<unsigned> wanted_;  // threads; those of a higher rank rest. Set under the lock
  ThreadCount thread_count_;
};

}  // namespace hfaudit
