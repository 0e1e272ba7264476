#include "os/crew.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace hfaudit::os {
namespace {

constexpr unsigned most_threads = 64;

std::int64_t now_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class Crew {
 public:
  Crew(std::size_t count, bool adaptive, const std::atomic<bool>* interrupted,
       const std::function<void(std::size_t)>& work)
      : count_(count), adaptive_(adaptive), interrupted_(interrupted), work_(work) {}

  void run(unsigned threads) {
    for (unsigned i = 1; i < threads; ++i) call_in();
    toil();
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

 private:
  void call_in() {
    const std::scoped_lock lock(mutex_);
    if (threads_.size() + 1 < most_threads) threads_.emplace_back([this] { toil(); });
  }

  void toil() {
    for (;;) {
      if (interrupted_ != nullptr && interrupted_->load(std::memory_order_relaxed)) return;
      const auto item = next_.fetch_add(1);
      if (item >= count_) return;
      const auto wall = now_ns(CLOCK_MONOTONIC);
      const auto busy = now_ns(CLOCK_THREAD_CPUTIME_ID);
      work_(item);
      if (!adaptive_ || item + 1 >= count_) continue;
      const auto took = now_ns(CLOCK_MONOTONIC) - wall;
      const auto used = now_ns(CLOCK_THREAD_CPUTIME_ID) - busy;
      constexpr std::int64_t worth_ns = 2'000'000;
      if (took > worth_ns && used * 4 < took) call_in();
    }
  }

  const std::size_t count_;
  const bool adaptive_;
  const std::atomic<bool>* interrupted_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace

void work_off(std::size_t count, unsigned jobs, const std::atomic<bool>* interrupted,
              const std::function<void(std::size_t)>& work) {
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto threads = static_cast<unsigned>(std::min<std::size_t>(jobs != 0 ? jobs : cores, std::max<std::size_t>(count, 1)));
  Crew(count, jobs == 0, interrupted, work).run(threads);
}

}  // namespace hfaudit::os
