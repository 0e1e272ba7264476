#include "digest/worker.hpp"

#include <algorithm>
#include <thread>

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr std::uint64_t turn_bytes = std::uint64_t{32} << 20;  // of each stream
constexpr auto turn_time = std::chrono::milliseconds(200);     // ends a turn on a slow disk

}  // namespace

bool Worker::should_continue(const WorkSlice& turn) const {
  return turn.done < turn_bytes * turn.streams && !state_.stopped() &&
         Clock::now() < turn.begin + turn_time;
}

// A piece is on its way while another is hashed: what is when it is known that the turn ends
// belongs to the turn.
void Worker::advance(Stream& stream) {
  WorkSlice turn{1, Clock::now()};
  for (bool more = true; more && !stream.is_over();) {
    more = should_continue(turn);
    count(turn, stream, stream.advance(first_, more));
  }
  review(turn);
}

void Worker::advance(Stream& a, Stream& b) {
  WorkSlice turn{2, Clock::now()};
  for (bool more = true; more && !a.is_over() && !b.is_over();) {
    more = should_continue(turn);
    count(turn, a, Stream::advance_two(a, first_, b, second_, more));
    count(turn, b, 0);
  }
  // one of them is over, the other's next piece came for nothing else
  advance_to_end(turn, a, first_);
  advance_to_end(turn, b, second_);
  review(turn);
}

void Worker::advance_to_end(WorkSlice& turn, Stream& stream, os::ReadBuffer& buffer) {
  if (buffer.is_in_flight()) count(turn, stream, stream.advance(buffer, false));
}

void Worker::count(WorkSlice& turn, Stream& stream, std::uint64_t bytes) {
  const auto waited = stream.take_waited();
  turn.waited += waited;
  turn.done += bytes;
  state_.waited_ns += waited.count();
  state_.bytes += bytes;
  wait_for_rate(turn, bytes);
}

void Worker::wait_for_rate(WorkSlice& turn, std::uint64_t bytes) {
  const auto begin = Clock::now();
  const auto until = begin + state_.spend(begin, bytes);
  auto now = begin;
  for (; now < until && !state_.stopped(); now = Clock::now())
    std::this_thread::sleep_for(std::min<Nanoseconds>(until - now, std::chrono::milliseconds(20)));
  turn.slept += now - begin;
}

// A stream takes the processor nearly twice as long alone as it does beside another: who was at
// work for less than half of the time would have kept up with the disk alone.
void Worker::review(const WorkSlice& turn) {
  constexpr double idle = 0.4, busy = 0.8;
  constexpr std::uint64_t enough = std::uint64_t{8} << 20;
  const std::chrono::duration<double> all = Clock::now() - turn.begin - turn.slept;
  if (turn.waited.count() == 0 || (turn.done < enough && all < turn_time / 2)) return;
  const double work = 1 - turn.waited / all;
  if (turn.streams == 2 && work < idle) alone_ = true;
  if (turn.streams == 1 && work > busy) alone_ = false;
}

}  // namespace hfaudit
