#include "os/thread_pool.hpp"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>

#include <thread>
#include <vector>

namespace hfaudit::os {
namespace {

constexpr unsigned most_threads = 64;

struct Moment {
  std::int64_t wall_ns = 0, busy_ns = 0, waits = 0;
};

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Moment now() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return {read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_THREAD_CPUTIME_ID), usage.ru_nvcsw};
}

class ThreadPool {
 public:
  ThreadPool(std::size_t count, bool adaptive, const std::stop_token& stop,
             const std::function<void(std::size_t)>& work)
      : count_(count), adaptive_(adaptive), stop_(stop), work_(work) {}

  void run(unsigned threads) {
    for (unsigned i = 1; i < threads; ++i)
      add_thread();
    run();
    join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void join() {
    for (std::size_t i = 0;; ++i) {  // the list may grow until its last member is done
      std::thread next;
      {
        const std::scoped_lock lock(mutex_);
        if (i == threads_.size()) return;
        next = std::move(threads_[i]);
      }
      next.join();
    }
  }

  void add_thread() {
    const std::scoped_lock lock(mutex_);
    if (threads_.size() + 1 >= most_) return;
    try {
      threads_.emplace_back([this] { run(); });
    } catch (const std::exception&) {
      most_ = 0;  // thread creation failed (a container's limit, memory): fewer do the work
    }
  }

  void run() {
    for (;;) {
      if (stop_.stop_requested()) return;
      const auto item = next_.fetch_add(1);
      if (item >= count_) return;
      const auto before = now();
      try {
        work_(item);
      } catch (...) {  // a bug or lack of memory: rethrown by the caller's thread
        const std::scoped_lock lock(mutex_);
        failure_ = std::current_exception();
        next_ = count_;
        return;
      }
      if (!adaptive_ || item + 1 >= count_) continue;
      const auto after = now();
      // By the clock, waiting for a core is like waiting for a disk; only the latter gives the core
      // up.
      constexpr std::int64_t worth_ns = 2'000'000, few_waits = 4;
      const auto took = after.wall_ns - before.wall_ns;
      const bool waited =
          after.waits - before.waits >= few_waits && (after.busy_ns - before.busy_ns) * 4 < took;
      if (took > worth_ns && waited) add_thread();
    }
  }

  const std::size_t count_;
  const bool adaptive_;
  std::stop_token stop_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::size_t most_ = most_threads;
  std::vector<std::thread> threads_;
};

}  // namespace

void parallel_for(std::size_t count, unsigned jobs, const std::stop_token& stop,
                  const std::function<void(std::size_t)>& work) {
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto threads = static_cast<unsigned>(
      std::min<std::size_t>(jobs != 0 ? jobs : cores, std::max<std::size_t>(count, 1)));
  ThreadPool(count, jobs == 0, stop, work).run(threads);
}

}  // namespace hfaudit::os
