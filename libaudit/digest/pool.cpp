#include "digest/pool.hpp"
#include "base/sum.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr unsigned most_threads = 32;  // each has its memory, see Worker

unsigned first_count(std::size_t jobs, const ReadingLimits& limits) {
  const auto wish = limits.threads != 0 ? limits.threads : std::thread::hardware_concurrency();
  return static_cast<unsigned>(std::min<std::size_t>(jobs, std::clamp(wish, 1U, most_threads)));
}

}  // namespace

Pool::Pool(const std::vector<ReadingJob>& jobs, ReadingSource& place, const ReadingLimits& limits)
    : jobs_(jobs),
      place_(place),
      limits_(limits),
      state_(limits.max_rate, limits.stop),
      wanted_(first_count(jobs.size(), limits)),
      thread_count_(wanted_, most_threads, Clock::now()) {
  for (const auto& job : jobs)
    add_size(not_begun_, job.size);
}

void Pool::call_in() {
  while (threads_.size() < wanted_) {
    const auto rank = static_cast<unsigned>(threads_.size());
    try {
      threads_.emplace_back([this, rank] { live(rank); });
    } catch (const std::exception&) {
      // no more to be had (a container's limit, no memory): those there do the work
      thread_count_.limit(std::max(rank, 1U));
      const std::scoped_lock lock(mutex_);
      wanted_ = std::max(rank, 1U);
      return;
    }
  }
}

void Pool::live(unsigned rank) {
  try {
    run_worker(rank);
  } catch (...) {  // a bug, or no memory: told by the caller's thread
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    state_.stop = true;
    over_.notify_all();
  }
}

// One that is not wanted any more stays: it may be again.
void Pool::run_worker(unsigned rank) {
  std::optional<Worker> made;
  try {
    made.emplace(rank, state_);
  } catch (const std::bad_alloc&) {
    if (rank == 0) throw;
    return;  // those that have their memory do the work
  }
  auto& worker = *made;
  std::unique_lock lock(mutex_);
  while (!state_.stopped()) {
    if (rank >= wanted_) {
      rest_over_.wait(lock);
      continue;
    }
    if (auto stream = take(lock)) {
      lock.unlock();
      work(worker, std::move(stream));
      lock.lock();
      continue;
    }
    if (state_.stopped() || anything_left()) continue;
    if (finished_ == jobs_.size()) break;
    ++waiting_;
    changed_.wait_for(lock, std::chrono::milliseconds(50));
    --waiting_;
  }
}

// Under the lock, which it gives up while it opens a file. Null: nothing to take, or what was taken
// had no result.
Pool::Held Pool::take(std::unique_lock<std::mutex>& lock) {
  // What nobody has begun would not keep all busy until the longest of it is done.
  const bool tail =
      next_ == jobs_.size() || not_begun_ <= times(2 * std::uint64_t{wanted_}, jobs_[next_].size);
  const auto older = [](const Held& a, const Held& b) { return a->number() < b->number(); };
  const auto shorter = [](const Held& a, const Held& b) { return a->left() < b->left(); };
  const auto best = tail ? std::max_element(idle_.begin(), idle_.end(), shorter)
                         : std::min_element(idle_.begin(), idle_.end(), older);
  const bool begin_next = next_ < jobs_.size() &&
                          (best == idle_.end() || (tail && jobs_[next_].size > (*best)->left()));
  if (begin_next) {
    const auto job = next_++;
    not_begun_ -= std::min(not_begun_, jobs_[job].size);
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
Pool::Held Pool::partner_for(const Worker& worker, Stream& stream) {
  if (!sha256_gains_from_two() || !stream.wants_partner()) return nullptr;
  if (!worker.gains_from_two() && !stream.is_cached()) return nullptr;
  std::unique_lock lock(mutex_);
  const auto free = idle_.size() + (jobs_.size() - next_);
  if (free <= waiting_) return nullptr;
  return take(lock);
}

Pool::Held Pool::open(std::size_t job) {
  const auto begin = Clock::now();
  auto file = place_.open(job);
  state_.waited_ns += Nanoseconds(Clock::now() - begin).count();
  const auto refuse = [&](const Error& error) {
    ContentRead read;
    read.outcome = ReadOutcome::unreadable;
    read.opened = false;
    read.cause = error.cause;
    place_.done(job, std::move(read));
  };
  if (!file) {
    refuse(file.error());
  } else if (*file) {
    auto stream = Stream::begin(job, jobs_[job], std::move(*file));
    if (stream) return std::make_unique<Stream>(std::move(*stream));
    refuse(stream.error());
  }
  ++state_.files;
  const std::scoped_lock lock(mutex_);
  count_finished();
  return nullptr;
}

void Pool::count_finished() {
  if (++finished_ == jobs_.size()) over_.notify_all();
}

void Pool::return_stream(Held stream) {
  const bool over = stream->is_over();
  if (over) {
    place_.done(stream->number(), stream->finish());
    ++state_.files;
  }
  const std::scoped_lock lock(mutex_);
  if (over)
    count_finished();
  else
    idle_.push_back(std::move(stream));
  if (waiting_ > 0) changed_.notify_one();
}

void Pool::work(Worker& worker, Held stream) {
  if (auto other = stream->is_over() ? nullptr : partner_for(worker, *stream)) {
    if (other->wants_partner() && !other->is_over()) {
      worker.advance(*stream, *other);
    } else {
      worker.advance(*stream);
      worker.advance(*other);
    }
    return_stream(std::move(other));
  } else {
    worker.advance(*stream);
  }
  return_stream(std::move(stream));
}

void Pool::adapt(Clock::time_point now) {
  if (limits_.threads != 0 || limits_.max_rate != 0) return;
  {
    const std::scoped_lock lock(mutex_);
    if (!anything_left()) return;  // for more threads, or to measure fewer by
    wanted_ = thread_count_.inspect(now, state_.done(), Nanoseconds(state_.waited_ns.load()));
  }
  rest_over_.notify_all();
  call_in();
}

void Pool::run(const std::function<void(const ReadingProgress&)>& tick) {
  call_in();
  // not a single one is to be had: then without a word about progress
  if (threads_.empty()) live(0);
  constexpr auto beat = std::chrono::milliseconds(100);
  for (bool over = false; !over;) {
    {
      std::unique_lock lock(mutex_);
      over_.wait_for(lock, beat, [&] { return state_.stopped() || finished_ == jobs_.size(); });
      over = finished_ == jobs_.size();
    }
    const auto now = Clock::now();
    over = over || state_.stopped() || (limits_.until && now >= *limits_.until);
    if (!over) adapt(now);
    if (over) end();  // so that what is told last is all
    tick({state_.files.load(), state_.bytes.load()});
  }
  if (failure_) std::rethrow_exception(failure_);
}

void Pool::end() {
  {
    const std::scoped_lock lock(mutex_);
    state_.stop = true;
  }
  changed_.notify_all();
  rest_over_.notify_all();
  for (auto& thread : threads_)
    thread.join();
  threads_.clear();
}

void read_all(const std::vector<ReadingJob>& jobs, ReadingSource& place,
              const ReadingLimits& limits,
              const std::function<void(const ReadingProgress&)>& tick) {
  if (!jobs.empty()) Pool(jobs, place, limits).run(tick);
}

}  // namespace hfaudit
