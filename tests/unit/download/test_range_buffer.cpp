// The bytes between the network and the disk: in whatever order they come, the file gets each once,
// in its place.
#include <algorithm>
#include <list>

#include "catch_any.hpp"
#include "download/range_buffer.hpp"
#include "transfer_world.hpp"

using namespace transfer_world;

namespace {

// A buffer over a file that is written; what it was given is content, so that a byte out of place
// shows.
struct World {
  explicit World(std::size_t size, unsigned seed = 1)
      : content(random_content(size, seed)),
        job(job_of(content)),
        writing(disk, job),
        buffer(size, writing.buffers) {}

  std::size_t accept(Range& range, std::uint64_t from, std::uint64_t until) {
    return buffer.accept(range, from, std::span(content).subspan(from, until - from));
  }
  void flush_to(Flush flush = Flush::full_chunks) { buffer.flush_to(writing.writer, flush); }
  std::uint64_t flushed() const { return writing.writer.on_disk() + writing.writer.queued(); }

  std::string content;
  Disk disk;
  TransferJob job;
  Writing writing;
  RangeBuffer buffer;
};

}  // namespace

TEST_CASE("buffer: ranges are asked for from the beginning to the end, and none is empty") {
  Buffers buffers;
  RangeBuffer buffer(1000, buffers);
  CHECK((buffer.head() == nullptr && buffer.idle() == nullptr && buffer.ahead() == 0));
  auto& first = buffer.add(600);
  CHECK((first.begin == 0 && first.at == 0 && first.end == 600 && buffer.unrequested() == 400));
  auto& second = buffer.add(600);
  CHECK((second.begin == 600 && second.end == 1000 && buffer.unrequested() == 0 &&
         buffer.ahead() == 400));
  CHECK((buffer.head() == &first && buffer.idle() == &first));
  first.streams = 1;
  CHECK(buffer.idle() == &second);
  second.streams = 1;
  CHECK(buffer.idle() == nullptr);
  first.streams = 0;
  CHECK(buffer.idle() == &first);  // its stream broke off

  buffer.reset(250);
  CHECK((buffer.ranges() == 0 && buffer.unrequested() == 750));
  CHECK(buffer.add(std::uint64_t{1} << 63U).end == 1000);
}

TEST_CASE("buffer: of the bytes of two streams each is taken once") {
  World world(1000);
  auto& range = world.buffer.add(1000);
  CHECK(world.accept(range, 0, 300) == 300);
  CHECK(world.accept(range, 0, 200) == 0);
  CHECK(world.accept(range, 200, 450) == 150);
  CHECK(world.accept(range, 100, 100) == 0);
  CHECK(world.accept(range, 300, 1000) == 550);
  CHECK(range.complete());
  CHECK(world.accept(range, 450, 1000) == 0);
  world.flush_to();
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

TEST_CASE("buffer: more than the range is not taken, also where it was cut while bytes came") {
  World world(1000);
  auto& head = world.buffer.add(1000);
  CHECK(world.accept(head, 0, 100) == 100);
  world.buffer.cut(head, 400);
  CHECK((head.end == 400 && world.buffer.unrequested() == 600 && !head.complete()));
  auto& rest = world.buffer.add(600);
  CHECK((rest.begin == 400 && rest.end == 1000));
  CHECK(world.accept(rest, 400, 1000) == 600);
  CHECK(world.accept(head, 100, 900) == 300);
  CHECK((head.complete() && head.at == 400));
  world.flush_to();
  CHECK(world.writing.end().end == TransferEnd::complete);
}

TEST_CASE(
    "buffer: what comes before its turn waits, and a range stays as long as it has a stream") {
  constexpr std::size_t size = 3 * Chunk::capacity;
  World world(size);
  auto& head = world.buffer.add(Chunk::capacity + 100);
  auto& ahead = world.buffer.add(size);
  head.streams = ahead.streams = 1;
  CHECK(world.accept(ahead, Chunk::capacity + 100, size) == size - Chunk::capacity - 100);
  world.flush_to(Flush::whole_pages);
  CHECK(world.flushed() == 0);
  CHECK(world.accept(head, 0, Chunk::capacity + 10) == Chunk::capacity + 10);
  world.flush_to();  // what is full
  CHECK(world.writing.buffers.queued <= Chunk::capacity);
  world.flush_to(Flush::whole_pages);
  CHECK(world.accept(head, Chunk::capacity + 10, Chunk::capacity + 100) == 90);
  world.flush_to();
  // a stream still points to it
  CHECK((world.buffer.ranges() == 2 && world.buffer.head() == &head));
  head.streams = 0;
  world.flush_to();
  CHECK((world.buffer.ranges() == 1 && world.buffer.head() == &ahead));
  ahead.streams = 0;
  world.flush_to();
  CHECK(world.buffer.ranges() == 0);
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

TEST_CASE(
    "buffer: joined for a server that sends all: what is ahead is dropped, what came of the head "
    "is not") {
  World world(1000);
  auto& head = world.buffer.add(300);
  auto& ahead = world.buffer.add(300);
  CHECK(world.accept(head, 0, 200) == 200);
  CHECK(world.accept(ahead, 300, 600) == 300);
  auto& joined = world.buffer.join();
  CHECK((&joined == &head && joined.at == 200 && joined.end == 1000));
  CHECK(
      (world.buffer.ranges() == 1 && world.buffer.unrequested() == 0 && world.buffer.ahead() == 0));
  for (std::uint64_t at = 0; at < 1000; at += 125)
    (void)world.accept(joined, at, at + 125);
  CHECK(joined.complete());
  world.flush_to();
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

TEST_CASE("buffer: after a reset nothing of before is handed on") {
  World world(1000);
  CHECK(world.accept(world.buffer.add(500), 0, 400) == 400);
  CHECK(world.accept(world.buffer.add(500), 500, 600) == 100);
  world.buffer.reset(0);
  world.flush_to(Flush::whole_pages);
  CHECK(world.flushed() == 0);
  CHECK(world.accept(world.buffer.add(1000), 0, 1000) == 1000);
  world.flush_to();
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

namespace {

// Streams as the engine has them: each begins where its range is, brings on, breaks off, or sends
// too much.
struct Chaos {
  struct Bringer {
    Range* range;
    std::uint64_t offset;
  };
  explicit Chaos(World& w, unsigned seed) : world(w), source(seed) {}

  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(source);
  }

  void begin(Range& range) {
    ++range.streams;
    bringers.push_back({&range, range.at});
  }
  void leave(std::list<Bringer>::iterator bringer) {
    --bringer->range->streams;
    bringers.erase(bringer);
  }
  void ask() {
    auto* head = world.buffer.head();
    if (world.buffer.ranges() == 1 && head->end - head->at > 2000 && below(4) == 0)
      world.buffer.cut(*head, head->at + 1000);
    if (auto* idle = world.buffer.idle()) return begin(*idle);
    if (world.buffer.unrequested() != 0 && bringers.size() < 6)
      return begin(world.buffer.add(1 + below(300'000)));
    if (!bringers.empty() && below(3) == 0) begin(*std::next(bringers.begin(), pick())->range);
  }
  std::ptrdiff_t pick() { return static_cast<std::ptrdiff_t>(below(bringers.size())); }
  void bring() {
    const auto bringer = std::next(bringers.begin(), pick());
    if (bringer->range->complete() || below(12) == 0) return leave(bringer);
    const auto until =
        std::min<std::uint64_t>(world.content.size(), bringer->offset + 1 + below(200'000));
    const auto before = bringer->range->at;
    fresh += world.accept(*bringer->range, bringer->offset, until);
    fell_back = fell_back || bringer->range->at < before;
    bringer->offset = until;
  }
  void run() {
    for (int i = 0; i < 100'000 && (world.buffer.unrequested() != 0 || world.buffer.ranges() != 0);
         ++i) {
      ask();
      if (!bringers.empty()) bring();
      if (below(3) == 0) world.flush_to(below(2) == 0 ? Flush::whole_pages : Flush::full_chunks);
    }
  }

  World& world;
  std::minstd_rand source;
  std::list<Bringer> bringers;
  std::uint64_t fresh = 0;
  bool fell_back = false;
};

}  // namespace

TEST_CASE("buffer: whatever arrives when, the file gets every byte once") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    World world(seed % 4 == 0 ? 2'500'000 : 700'000 + seed, seed);
    Chaos chaos(world, seed);
    chaos.run();
    CHECK((chaos.fresh == world.content.size() && !chaos.fell_back));
    CHECK(world.buffer.ranges() == 0);
    CHECK(world.writing.end().end == TransferEnd::complete);
    CHECK(world.disk.content() == world.content);
  }
}

TEST_CASE("buffer: what came early leaves with its offsets, and comes back with gaps to request") {
  constexpr std::uint64_t chunk = Chunk::capacity;
  World world(8 * chunk);
  auto& head = world.buffer.add(2 * chunk);
  auto& second = world.buffer.add(2 * chunk);
  auto& third = world.buffer.add(2 * chunk);
  head.streams = second.streams = third.streams = 1;
  CHECK(world.accept(head, 0, 5000) == 5000);
  CHECK(world.accept(second, 2 * chunk, 3 * chunk + 10) == chunk + 10);
  CHECK(world.accept(third, 4 * chunk, 6 * chunk) == 2 * chunk);
  world.flush_to(Flush::whole_pages);
  auto rest = world.buffer.take_rest();
  REQUIRE(rest.size() == 5);
  CHECK((rest[0].offset == 4096 && rest[0].chunk.length == 904));
  CHECK((rest[1].offset == 2 * chunk && rest[2].offset == 3 * chunk));
  CHECK((rest[2].chunk.length == 10 && rest[4].end() == 6 * chunk));

  world.buffer.reset(4096);
  world.buffer.restore(std::move(rest), 96 * chunk);
  CHECK(world.buffer.unrequested() == 2 * chunk);
  auto* gap = world.buffer.idle();
  REQUIRE(gap != nullptr);
  CHECK((gap->begin == 5000 && gap->end == 2 * chunk));
  gap->streams = 1;
  gap = world.buffer.idle();
  REQUIRE(gap != nullptr);
  CHECK((gap->begin == 3 * chunk + 10 && gap->end == 4 * chunk));
}

TEST_CASE("buffer: pieces too far from the start are left out") {
  constexpr std::uint64_t chunk = Chunk::capacity;
  Buffers buffers;
  RangeBuffer buffer(100 * chunk, buffers);
  buffer.reset(0);
  std::vector<EarlyPiece> pieces;
  for (const auto offset : {chunk, 50 * chunk}) {
    pieces.push_back({offset, buffers.take()});
    pieces.back().chunk.length = chunk;
  }
  buffer.restore(std::move(pieces), 40 * chunk);
  CHECK((buffer.ranges() == 2 && buffer.unrequested() == 98 * chunk));
}

TEST_CASE("buffer: copies to keep come from the end, full chunks alone, and each once") {
  constexpr std::uint64_t chunk = Chunk::capacity;
  World world(8 * chunk);
  auto& head = world.buffer.add(2 * chunk);
  auto& second = world.buffer.add(3 * chunk);
  head.streams = second.streams = 1;
  CHECK(world.accept(head, 0, 2000) == 2000);
  CHECK(world.accept(second, 2 * chunk, 4 * chunk + 100) == 2 * chunk + 100);
  CHECK(world.buffer.unsaved() == 2 * chunk + 2100);
  auto copy = world.buffer.copy_unsaved();
  REQUIRE(copy);
  CHECK((copy->offset == 3 * chunk && copy->chunk.length == chunk));
  CHECK(std::equal(copy->chunk.bytes().begin(), copy->chunk.bytes().end(),
                   world.content.begin() + static_cast<std::ptrdiff_t>(3 * chunk)));
  CHECK(world.buffer.copy_unsaved()->offset == 2 * chunk);
  CHECK_FALSE(world.buffer.copy_unsaved());
  CHECK(world.buffer.unsaved() == 2100);
}
