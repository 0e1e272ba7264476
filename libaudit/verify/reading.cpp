#include "verify/reading.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "verify/pace.hpp"
#include "verify/stream.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr unsigned most_threads = 32;  // each has a piece of memory, whose sum is promised to be small

class Pool {
 public:
  Pool(const std::vector<ReadingJob>& jobs, ReadingPlace& place, const ReadingLimits& limits)
      : jobs_(jobs), place_(place), limits_(limits), pace_(limits.max_rate) {}

  void run(const std::function<void(const ReadingProgress&)>& tick);

 private:
  struct Worker {
    os::ReadBuffer first{os::ContentFile::disk_piece};
    os::ReadBuffer second{os::ContentFile::cached_piece};
  };
  using Held = std::unique_ptr<Stream>;

  void call_in();
  void toil(unsigned rank);
  [[nodiscard]] Held take(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Held company_for(Stream& stream);
  [[nodiscard]] Held open(std::size_t job);
  void give_back(Held stream);
  void count_finished();  // under the lock
  void work(Worker& worker, Held stream);
  void advance_alone(Worker& worker, Stream& stream);
  void advance_both(Worker& worker, Stream& a, Stream& b);
  void wait_for_pace(std::uint64_t bytes);
  void adapt(Clock::time_point now);
  [[nodiscard]] bool stopped() const {
    return stop_.load(std::memory_order_relaxed) ||
           (limits_.interrupted != nullptr && limits_.interrupted->load(std::memory_order_relaxed));
  }
  [[nodiscard]] bool anything_left() const { return !idle_.empty() || next_ < jobs_.size(); }

  const std::vector<ReadingJob>& jobs_;
  ReadingPlace& place_;
  const ReadingLimits& limits_;
  Pace pace_;

  std::mutex mutex_;
  std::condition_variable changed_;  // for threads with nothing to do
  std::condition_variable over_;     // for who called
  std::size_t next_ = 0;             // the first job that nobody has begun
  std::vector<Held> idle_;           // begun, and in nobody's hands
  std::size_t finished_ = 0;
  unsigned waiting_ = 0;  // threads with nothing to do
  std::exception_ptr failure_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> bytes_{0}, files_{0};
  std::atomic<std::int64_t> waited_ns_{0};  // for disks, by all threads

  std::vector<std::thread> threads_;
  std::atomic<unsigned> wanted_{0};  // threads; those of a higher rank go home
  unsigned before_ = 0;              // how many there were before the last ones were called in
  double speed_before_ = 0;
  bool settled_ = false;
  Clock::time_point last_look_;
  double last_done_ = 0;
  std::int64_t last_waited_ns_ = 0;
};

void Pool::call_in() {
  const auto rank = static_cast<unsigned>(threads_.size());
  try {
    threads_.emplace_back([this, rank] {
      try {
        toil(rank);
      } catch (...) {  // a bug, or no memory: told by the caller's thread
        const std::scoped_lock lock(mutex_);
        failure_ = std::current_exception();
        stop_ = true;
        over_.notify_all();
      }
    });
  } catch (const std::system_error&) {
    if (rank == 0) throw;
    settled_ = true;  // no more to be had (a container's limit): those that are there do the work
    wanted_ = rank;
  }
}

void Pool::toil(unsigned rank) {
  Worker worker;
  std::unique_lock lock(mutex_);
  while (!stopped() && rank < wanted_) {
    if (auto stream = take(lock)) {
      lock.unlock();
      work(worker, std::move(stream));
      lock.lock();
      continue;
    }
    if (stopped() || anything_left()) continue;
    if (finished_ == jobs_.size()) break;
    ++waiting_;
    changed_.wait_for(lock, std::chrono::milliseconds(50));
    --waiting_;
  }
}

// Under the lock, which it gives up while it opens a file. Null: nothing to take, or what was taken had no result.
Pool::Held Pool::take(std::unique_lock<std::mutex>& lock) {
  const bool tail = jobs_.size() - next_ <= 2 * std::size_t{wanted_};
  const auto older = [](const Held& a, const Held& b) { return a->number() < b->number(); };
  const auto shorter = [](const Held& a, const Held& b) { return a->left() < b->left(); };
  const auto best = tail ? std::max_element(idle_.begin(), idle_.end(), shorter)
                         : std::min_element(idle_.begin(), idle_.end(), older);
  const bool begin_next =
      next_ < jobs_.size() && (best == idle_.end() || (tail && jobs_[next_].size > (*best)->left()));
  if (begin_next) {
    const auto job = next_++;
    lock.unlock();
    auto stream = open(job);
    lock.lock();
    return stream;
  }
  if (best == idle_.end()) return nullptr;
  std::swap(*best, idle_.back());
  auto stream = std::move(idle_.back());
  idle_.pop_back();
  return stream;
}

// A second stream, unless another thread would have nothing to do then.
Pool::Held Pool::company_for(Stream& stream) {
  if (!sha256_gains_from_two() || !stream.wants_company()) return nullptr;
  std::unique_lock lock(mutex_);
  const auto free = idle_.size() + (jobs_.size() - next_);
  if (free <= waiting_) return nullptr;
  return take(lock);
}

Pool::Held Pool::open(std::size_t job) {
  const auto begin = Clock::now();
  auto file = place_.open(job);
  waited_ns_ += Nanoseconds(Clock::now() - begin).count();
  ContentRead failed;
  failed.outcome = ReadOutcome::unreadable;
  if (file && *file) {
    auto stream = Stream::begin(job, jobs_[job], std::move(*file));
    if (stream) return std::make_unique<Stream>(std::move(*stream));
    failed.cause = stream.error().cause;
    place_.done(job, std::move(failed));
  } else if (!file) {
    failed.cause = file.error().cause;
    place_.done(job, std::move(failed));
  }
  ++files_;
  const std::scoped_lock lock(mutex_);
  count_finished();
  return nullptr;
}

void Pool::count_finished() {
  if (++finished_ == jobs_.size()) over_.notify_all();
}

void Pool::give_back(Held stream) {
  const bool over = stream->is_over();
  if (over) {
    place_.done(stream->number(), stream->finish());
    ++files_;
  }
  const std::scoped_lock lock(mutex_);
  if (over)
    count_finished();
  else
    idle_.push_back(std::move(stream));
  if (waiting_ > 0) changed_.notify_one();
}

void Pool::work(Worker& worker, Held stream) {
  if (auto other = stream->is_over() ? nullptr : company_for(*stream)) {
    if (other->wants_company() && !other->is_over()) {
      advance_both(worker, *stream, *other);
    } else {
      advance_alone(worker, *stream);
      advance_alone(worker, *other);
    }
    give_back(std::move(other));
  } else {
    advance_alone(worker, *stream);
  }
  give_back(std::move(stream));
}

constexpr std::uint64_t turn = std::uint64_t{8} << 20;  // bytes, before the pool may decide anew

void Pool::advance_alone(Worker& worker, Stream& stream) {
  for (std::uint64_t done = 0; done < turn && !stream.is_over() && !stopped();) {
    const bool cached = stream.is_cached();
    const auto begin = Clock::now();
    const auto read = stream.advance(worker.first);
    if (!cached) waited_ns_ += Nanoseconds(Clock::now() - begin).count();
    bytes_ += read;
    done += read;
    wait_for_pace(read);
  }
}

void Pool::advance_both(Worker& worker, Stream& a, Stream& b) {
  for (std::uint64_t done = 0; done < turn && !a.is_over() && !b.is_over() && !stopped();) {
    if (!a.is_cached() || !b.is_cached()) return;
    const auto read = Stream::advance_two(a, worker.first, b, worker.second);
    bytes_ += read;
    done += read / 2;
    wait_for_pace(read);
  }
}

void Pool::wait_for_pace(std::uint64_t bytes) {
  auto left = pace_.take(bytes);
  while (left.count() > 0 && !stopped()) {
    const auto nap = std::min<Nanoseconds>(left, std::chrono::milliseconds(20));
    std::this_thread::sleep_for(nap);
    left -= nap;
  }
}

// More threads where those that are there mostly wait, for as long as each doubling makes it faster.
void Pool::adapt(Clock::time_point now) {
  constexpr double interval_s = 0.2, much_waiting = 0.3, worth_it = 1.05;
  const double seconds = std::chrono::duration<double>(now - last_look_).count();
  if (settled_ || limits_.threads != 0 || limits_.max_rate != 0 || seconds < interval_s) return;
  constexpr double a_file = 65536;  // what opening one is worth, in bytes
  const double done = static_cast<double>(bytes_.load()) + static_cast<double>(files_.load()) * a_file;
  const double speed = (done - last_done_) / seconds;
  const auto waited = waited_ns_.load();
  const double waiting = static_cast<double>(waited - last_waited_ns_) / 1e9 / seconds / wanted_;
  last_look_ = now;
  last_done_ = done;
  last_waited_ns_ = waited;
  if (before_ != 0 && speed < speed_before_ * worth_it) {
    wanted_ = before_;
    settled_ = true;
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    if (waiting < much_waiting || wanted_ >= most_threads || !anything_left()) return;
  }
  before_ = wanted_;
  speed_before_ = speed;
  wanted_ = std::min(2 * wanted_.load(), most_threads);
  while (threads_.size() < wanted_)
    call_in();
}

void Pool::run(const std::function<void(const ReadingProgress&)>& tick) {
  const auto cores = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
  const auto most =
      static_cast<unsigned>(std::min<std::size_t>(jobs_.size(), limits_.threads != 0 ? limits_.threads : cores));
  wanted_ = std::max(most, 1U);
  last_look_ = Clock::now();
  while (threads_.size() < wanted_)
    call_in();
  constexpr auto beat = std::chrono::milliseconds(100);
  for (bool over = false; !over;) {
    {
      std::unique_lock lock(mutex_);
      over_.wait_for(lock, beat, [&] { return stopped() || finished_ == jobs_.size(); });
      over = finished_ == jobs_.size();
    }
    const auto now = Clock::now();
    over = over || stopped() || (limits_.until && now >= *limits_.until);
    if (!over) adapt(now);
    tick({files_.load(), bytes_.load()});
  }
  stop_ = true;
  changed_.notify_all();
  for (auto& thread : threads_)
    thread.join();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace

void read_all(const std::vector<ReadingJob>& jobs, ReadingPlace& place, const ReadingLimits& limits,
              const std::function<void(const ReadingProgress&)>& tick) {
  if (!jobs.empty()) Pool(jobs, place, limits).run(tick);
}

}  // namespace hfaudit
