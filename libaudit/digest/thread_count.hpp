// The number of reading threads, found by trial. Pure: the time and the work done by then are
// parameters.
//
// It begins with a thread a core. Where they wait for disks for more than half of the time, twice
// as many are tried, for as long as each doubling makes it faster: latencies of a network mount
// then overlap. Where the first doubling gains nothing, half as many are tried: a disk that turns
// is fastest with one reader. Once threads are busy again there are at least as many as at the
// beginning: files that lie in memory want all cores.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace hfaudit {

class ThreadCount {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ThreadCount(unsigned first, unsigned most, Time now)
      : first_(first), most_(most), count_(first), then_(now) {}

  // `done`: in any unit. `waited`: by all threads. Both since the beginning.
  unsigned inspect(Time now, double done, std::chrono::nanoseconds waited) {
    constexpr double interval_s = 0.2;
    const double seconds = std::chrono::duration<double>(now - then_).count();
    if (seconds < interval_s) return count_;
    const double speed = (done - done_) / seconds;
    const double waiting =
        std::chrono::duration<double>(waited - waited_).count() / seconds / count_;
    then_ = now;
    done_ = done;
    waited_ = waited;
    // those that are too many were at the end of their turns
    if (std::exchange(ending_, false)) return count_;
    return next(speed, waiting);
  }

  // Thread creation failed.
  void limit(unsigned most) {
    most_ = most;
    first_ = std::min(first_, most);
    count_ = std::min(count_, most);
    before_ = std::min(before_, most);
  }

 private:
  enum class Trying : unsigned char { nothing, more, fewer };

  unsigned next(double speed, double waiting) {
    // some of it is chance
    constexpr double much_waiting = 0.5, worth_more = 1.2, worth_fewer = 1.1;
    const auto tried = std::exchange(trying_, Trying::nothing);
    const double worth_it = tried == Trying::more ? worth_more : worth_fewer;
    if (tried != Trying::nothing && speed < speed_before_ * worth_it) {
      const bool first_doubling = tried == Trying::more && before_ == first_;
      count_ = before_;
      if (first_doubling && first_ > 1) return attempt(Trying::fewer, speed_before_);
      settled_ = true;
      return count_;
    }
    if (waiting < much_waiting) return count_ = std::max(count_, first_);
    if (!settled_ && tried == Trying::fewer && count_ > 1) return attempt(Trying::fewer, speed);
    if (!settled_ && tried != Trying::fewer && count_ < most_) return attempt(Trying::more, speed);
    settled_ = true;
    return count_;
  }

  unsigned attempt(Trying way, double speed) {
    before_ = count_;
    speed_before_ = speed;
    trying_ = way;
    ending_ = way == Trying::fewer;
    return count_ = way == Trying::fewer ? count_ / 2 : std::min(2 * count_, most_);
  }

  unsigned first_, most_, count_;
  Time then_;
  double done_ = 0;
  std::chrono::nanoseconds waited_{0};
  unsigned before_ = 0;  // the count to go back to
  double speed_before_ = 0;
  Trying trying_ = Trying::nothing;
  bool settled_ = false, ending_ = false;
};

}  // namespace hfaudit
