#include "digest/pool.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>

#include "base/sum.hpp"
#include "os/limits.hpp"

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr unsigned most_threads = 32;  // each has its memory, see Worker

// Less than this is hashed before a trial of kernels has paid.
constexpr std::uint64_t worth_a_trial = std::uint64_t{32} << 20;

const Sha256Plan& plan_for(const std::vector<ReadingJob>& jobs) {
  std::uint64_t bytes = 0;
  for (const auto& job : jobs) {
    if (job.sha256) add_size(bytes, job.size);
  }
  return bytes < worth_a_trial ? sha256_quick_plan() : sha256_best_plan();
}

// How many threads could have a file, or a part of one.
std::uint64_t most_streams_of(const std::vector<ReadingJob>& jobs) {
  std::uint64_t most = 0;
  for (const auto& job : jobs) {
    const bool may_be_cut = job.sha256 && !job.git_sha1;
    add_size(most, may_be_cut ? std::max<std::uint64_t>(job.size / (2 * chain_block_bytes), 1) : 1);
  }
  return most;
}

unsigned first_count(const std::vector<ReadingJob>& jobs, const ReadingLimits& limits) {
  const auto wish = limits.threads != 0 ? limits.threads : std::thread::hardware_concurrency();
  return static_cast<unsigned>(
      std::min<std::uint64_t>(most_streams_of(jobs), std::clamp(wish, 1U, most_threads)));
}

}  // namespace

Pool::Pool(const std::vector<ReadingJob>& jobs, ReadingSource& source, const ReadingLimits& limits)
    : jobs_(jobs),
      source_(source),
      limits_(limits),
      state_(limits.max_rate, limits.stop),
      plan_(plan_for(jobs)),
      most_open_(os::open_file_limit() / 2),
      wanted_(first_count(jobs, limits)),
      thread_count_(wanted_, most_threads, Clock::now()) {
  for (const auto& job : jobs)
    add_size(not_begun_, job.size);
}

void Pool::start_threads() {
  while (threads_.size() < wanted_) {
    const auto rank = static_cast<unsigned>(threads_.size());
    try {
      threads_.emplace_back([this, rank] { run_thread(rank); });
    } catch (const std::exception&) {
      // thread creation failed (a container's limit, memory): fewer do the work
      thread_count_.limit(std::max(rank, 1U));
      const std::scoped_lock lock(mutex_);
      wanted_ = std::max(rank, 1U);
      return;
    }
  }
}

void Pool::run_thread(unsigned rank) {
  try {
    run_worker(rank);
  } catch (...) {  // a bug, or lack of memory: rethrown by the caller's thread
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    state_.stop = true;
    over_.notify_all();
  }
}

// A surplus thread waits instead of ending: it may be wanted again.
void Pool::run_worker(unsigned rank) {
  std::optional<Worker> made;
  try {
    made.emplace(rank, state_, plan_);
  } catch (const std::bad_alloc&) {
    if (rank == 0) throw;
    return;  // those that have their memory do the work
  }
  auto& worker = *made;
  std::unique_lock lock(mutex_);
  while (!state_.stopped()) {
    if (rank >= wanted_) {
      wanted_changed_.wait(lock);
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

// Under the lock, which it releases while it opens a file. Null: the queue is empty, or the file
// failed to open.
Pool::Held Pool::take(std::unique_lock<std::mutex>& lock) {
  // The unbegun files are too few to keep all threads busy until the longest of them is done.
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

// So many that every thread has its fastest number of streams.
std::size_t Pool::streams_for_all() const {
  return std::min(std::size_t{wanted_} * plan_.streams(), most_open_);
}

// More streams, unless another thread would have fewer then.
void Pool::add_partners(const Worker& worker, std::vector<Held>& streams) {
  auto& first = *streams.front();
  if (!first.wants_partner() || (!worker.gains_from_more() && !first.is_cached())) return;
  std::unique_lock lock(mutex_);
  cut(lock, first);
  const auto all = std::min(open_ + (jobs_.size() - next_), streams_for_all());
  const auto share = std::min<std::size_t>((all + wanted_ - 1) / wanted_, plan_.streams());
  while (streams.size() < share && !state_.stopped() && anything_left()) {
    if (auto stream = take(lock)) streams.push_back(std::move(stream));
  }
}

Pool::Held Pool::open(std::size_t job) {
  const auto begin = Clock::now();
  auto file = source_.open(job);
  state_.waited_ns += Nanoseconds(Clock::now() - begin).count();
  const auto refuse = [&](const Error& error) {
    ContentRead read;
    read.outcome = ReadOutcome::unreadable;
    read.opened = false;
    read.cause = error.cause;
    source_.done(job, std::move(read));
  };
  if (!file) {
    refuse(file.error());
  } else if (*file) {
    auto stream = Stream::begin(job, jobs_[job], std::move(*file));
    if (stream) {
      const std::scoped_lock lock(mutex_);
      ++open_;
      return std::make_unique<Stream>(std::move(*stream));
    }
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

void Pool::work(Worker& worker, Held stream) {
  std::vector<Held> streams;
  streams.push_back(std::move(stream));
  if (!streams.front()->is_over()) add_partners(worker, streams);
  std::vector<Stream*> together;
  for (const auto& held : streams) {
    if (!held->is_over() && held->wants_partner()) together.push_back(held.get());
  }
  if (together.size() > 1) worker.advance(together);
  for (const auto& held : streams) {
    if (together.size() < 2 || !held->wants_partner()) worker.advance(*held);
  }
  for (auto& held : streams)
    return_stream(std::move(held));
}

void Pool::adapt(Clock::time_point now) {
  if (limits_.threads != 0 || limits_.max_rate != 0) return;
  {
    const std::scoped_lock lock(mutex_);
    // for more threads, or to measure fewer by; the parts of one file are streams too
    if (!anything_left() && open_ < 2) return;
    wanted_ = thread_count_.inspect(now, state_.done(), Nanoseconds(state_.waited_ns.load()));
  }
  wanted_changed_.notify_all();
  start_threads();
}

void Pool::run(const std::function<void(const ReadingProgress&)>& tick) {
  start_threads();
  // thread creation failed: this thread hashes, without progress
  if (threads_.empty()) run_thread(0);
  constexpr auto tick_interval = std::chrono::milliseconds(100);
  for (bool over = false; !over;) {
    {
      std::unique_lock lock(mutex_);
      over_.wait_for(lock, tick_interval,
                     [&] { return state_.stopped() || finished_ == jobs_.size(); });
      over = finished_ == jobs_.size();
    }
    const auto now = Clock::now();
    over = over || state_.stopped() || (limits_.until && now >= *limits_.until);
    if (!over) adapt(now);
    if (over) end();  // so that the last report is complete
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
  wanted_changed_.notify_all();
  for (auto& thread : threads_)
    thread.join();
  threads_.clear();
}

void read_all(const std::vector<ReadingJob>& jobs, ReadingSource& source,
              const ReadingLimits& limits,
              const std::function<void(const ReadingProgress&)>& tick) {
  if (!jobs.empty()) Pool(jobs, source, limits).run(tick);
}

}  // namespace hfaudit
