#include "digest/worker.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <thread>

namespace hfaudit {
namespace {

using os::AfterRead;
using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr std::uint64_t turn_bytes = std::uint64_t{64} << 20;  // of all streams; 32 of one alone
constexpr auto turn_time = std::chrono::milliseconds(200);     // ends a turn on a slow disk

// Of all streams together: they stay in a core's own cache.
constexpr std::size_t cached_pieces = std::size_t{512} << 10;

}  // namespace

// A power of two, so that pieces and the blocks of a chain end together.
std::span<char> Worker::part_of(std::size_t parts, std::size_t part) const {
  const auto size = std::bit_floor(memory_.bytes().size() / parts);
  return memory_.bytes().subspan(part * size, size);
}

AfterRead Worker::after_read(const WorkSlice& turn) const {
  const bool continues = turn.done < turn_bytes / (turn.streams == 1 ? 2 : 1) &&
                         !state_.stopped() && Clock::now() < turn.begin + turn_time;
  return continues ? AfterRead::continues : AfterRead::pauses;
}

// A piece is on its way while another is hashed: a piece on its way when the turn is known to end
// belongs to the turn.
void Worker::advance(Stream& stream) {
  WorkSlice turn{1, Clock::now()};
  for (auto after = AfterRead::continues; after == AfterRead::continues && !stream.is_over();) {
    after = after_read(turn);
    count(turn, stream, stream.advance(alone_buffer_, after));
  }
  review(turn);
}

void Worker::advance(std::span<Stream* const> streams) {
  while (buffers_.size() < streams.size()) {
    const auto number = buffers_.size();
    buffers_.push_back(std::make_unique<os::ReadBuffer>(
        part_of(std::max<std::size_t>(plan_.streams(), 2), number), queue_));
  }
  std::vector<Seat> seats;
  for (std::size_t i = 0; i < streams.size(); ++i)
    seats.push_back({streams[i], buffers_[i].get()});
  WorkSlice turn{streams.size(), Clock::now()};
  // all at once, or each would wait for the disk before the next one asks it
  const auto most = most_of(seats, turn.streams);
  for (const auto& seat : seats)
    seat.stream->read_ahead(*seat.buffer, most);
  const auto enough = std::max<std::size_t>(streams.size() / 2 + 1, 2);
  for (auto after = AfterRead::continues;
       after == AfterRead::continues && seats.size() >= enough;) {
    after = after_read(turn);
    advance_together(turn, seats, after);
    std::erase_if(seats, [](const Seat& seat) { return seat.stream->is_over(); });
  }
  // pieces that are already in flight are hashed; the other seats leave
  std::erase_if(seats, [](const Seat& seat) { return !seat.buffer->is_in_flight(); });
  if (!seats.empty()) advance_together(turn, seats, AfterRead::pauses);
  review(turn);
}

// Pieces of one length: the excess of a longer one would be hashed with fewer beside it.
std::size_t Worker::most_of(std::span<const Seat> seats, std::size_t streams) {
  const bool cached =
      std::ranges::all_of(seats, [](const Seat& seat) { return seat.stream->is_cached(); });
  const auto room = seats.front().buffer->bytes().size();
  return cached ? std::min({room, most_cached_piece, cached_pieces / streams}) : room;
}

void Worker::advance_together(WorkSlice& turn, std::span<const Seat> seats, AfterRead after) {
  const auto most = most_of(seats, turn.streams);
  std::array<ChainedInput, most_hash_streams> inputs{};
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < seats.size(); ++i) {
    auto& stream = *seats[i].stream;
    inputs.at(i) = {&stream.sha256(), stream.next(*seats[i].buffer, most, after)};
    bytes += inputs.at(i).bytes.size();
  }
  update_all(plan_, std::span<const ChainedInput>(inputs.data(), seats.size()));
  for (const auto& seat : seats)
    count(turn, *seat.stream, 0);
  count(turn, *seats.front().stream, bytes);
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

// Alone a stream takes the processor longer than beside others, by the plan's gain: a thread that
// was busy for less than that part of the time would have kept up with the disk alone.
void Worker::review(const WorkSlice& turn) {
  constexpr double busy = 0.8;
  const double idle = busy / std::max(plan_.gain, 1.0);
  constexpr std::uint64_t enough = std::uint64_t{8} << 20;
  const std::chrono::duration<double> all = Clock::now() - turn.begin - turn.slept;
  if (turn.waited.count() == 0 || (turn.done < enough && all < turn_time / 2)) return;
  const double work = 1 - turn.waited / all;
  if (turn.streams > 1 && work < idle) alone_ = true;
  if (turn.streams == 1 && work > busy) alone_ = false;
}

}  // namespace hfaudit
