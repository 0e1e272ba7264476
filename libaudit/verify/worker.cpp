#include "verify/worker.hpp"

#include <algorithm>
#include <thread>

namespace hfaudit {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

// On a slow disk, time is what ends a turn.
constexpr std::uint64_t turn_bytes = std::uint64_t{32} << 20;
constexpr auto turn_time = std::chrono::milliseconds(200);

}  // namespace

Worker::Turn Worker::begin_turn() {
  return {0, Clock::now() + turn_time};
}

bool Worker::goes_on(const Turn& turn) const {
  return turn.done < turn_bytes && !state_.stopped() && Clock::now() < turn.until;
}

// A piece is on its way while another is hashed: what is when it is known that the turn ends belongs to the turn.
void Worker::advance(Stream& stream) {
  auto turn = begin_turn();
  for (bool more = true; more && !stream.is_over();) {
    more = goes_on(turn);
    const auto read = stream.advance(first_, more);
    turn.done += read;
    count(stream, read);
  }
}

void Worker::advance(Stream& a, Stream& b) {
  auto turn = begin_turn();
  for (bool more = true; more && !a.is_over() && !b.is_over();) {
    more = goes_on(turn);
    const auto read = Stream::advance_two(a, first_, b, second_, more);
    turn.done += read / 2;
    count(a, read);
    count(b, 0);
  }
  advance_to_end(a, first_);  // one of them is over, the other's next piece came for nothing else
  advance_to_end(b, second_);
}

void Worker::advance_to_end(Stream& stream, os::ReadBuffer& buffer) {
  if (buffer.is_under_way()) count(stream, stream.advance(buffer, false));
}

void Worker::count(Stream& stream, std::uint64_t bytes) {
  state_.waited_ns += Nanoseconds(stream.take_waited()).count();
  state_.bytes += bytes;
  wait_for_pace(bytes);
}

void Worker::wait_for_pace(std::uint64_t bytes) {
  const auto until = Clock::now() + state_.pace.take(bytes);
  for (auto now = Clock::now(); now < until && !state_.stopped(); now = Clock::now())
    std::this_thread::sleep_for(std::min<Nanoseconds>(until - now, std::chrono::milliseconds(20)));
}

}  // namespace hfaudit
