// The threads that read and hash, and the file of each.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "digest/reading.hpp"
#include "digest/sha256_plan.hpp"
#include "digest/thread_count.hpp"
#include "digest/worker.hpp"

namespace hfaudit {

class Pool {
 public:
  Pool(const std::vector<ReadingJob>& jobs, ReadingSource& source, const ReadingLimits& limits);
  ~Pool() { end(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run(const std::function<void(const ReadingProgress&)>& tick);

 private:
  using Held = std::unique_ptr<Stream>;
  // The parts of a file, by where they begin; null while they are read. A part that is gone from
  // the map is dropped when its turn ends.
  using Parts = std::map<std::uint64_t, Held>;
  void start_threads();
  void end();
  void run_thread(unsigned rank);
  void run_worker(unsigned rank);
  [[nodiscard]] Held take(std::unique_lock<std::mutex>& lock);
  void add_partners(const Worker& worker, std::vector<Held>& streams);
  [[nodiscard]] std::size_t streams_for_all() const;  // under the lock
  void cut(std::unique_lock<std::mutex>& lock, Stream& stream);
  [[nodiscard]] Held open(std::size_t job);
  void return_stream(Held stream);
  [[nodiscard]] Held return_part(Held stream);  // under the lock
  void drop(const Stream& stream);
  void drop_behind(std::size_t job, Parts& parts, Parts::iterator last);  // under the lock
  void finish(std::vector<Held> parts);
  void count_finished();  // under the lock
  void work(Worker& worker, Held stream);
  void adapt(std::chrono::steady_clock::time_point now);
  [[nodiscard]] bool anything_left() const { return !idle_.empty() || next_ < jobs_.size(); }

  const std::vector<ReadingJob>& jobs_;
  ReadingSource& source_;
  const ReadingLimits& limits_;
  ReadingState state_;
  const Sha256Plan& plan_;
  std::size_t most_open_;  // streams

  std::mutex mutex_;
  std::condition_variable changed_;         // for idle threads
  std::condition_variable wanted_changed_;  // for surplus threads
  std::condition_variable over_;            // for the caller
  std::size_t next_ = 0;                    // the first unbegun job
  std::uint64_t not_begun_ = 0;             // bytes, from there on
  std::vector<Held> idle_;                  // begun, and without a thread
  std::size_t open_ = 0;                    // streams: those, and those that are in some thread's
  std::map<std::size_t, Parts> parts_;      // by job; of files that were cut
  std::size_t finished_ = 0;
  unsigned waiting_ = 0;  // threads with nothing to do
  std::exception_ptr failure_;

  std::vector<std::thread> threads_;
  std::atomic<unsigned> wanted_;  // threads; those of a higher rank wait. Set under the lock
  ThreadCount thread_count_;
};

}  // namespace hfaudit
