// The bytes between the network and the disk: in whatever order they come, the file gets each once, in its place.
#include <algorithm>
#include <list>

#include "catch_any.hpp"
#include "download/flow.hpp"
#include "transfer_world.hpp"

using namespace transfer_world;

namespace {

// A flow over a file that is written; what it was given is content, so that a byte out of place shows.
struct World {
  explicit World(std::size_t size, unsigned seed = 1)
      : content(random_content(size, seed)),
        job(job_of(content)),
        writing(disk, job),
        flow(size, writing.buffers) {}

  std::size_t accept(Piece& piece, std::uint64_t from, std::uint64_t until) {
    return flow.accept(piece, from, std::span(content).subspan(from, until - from));
  }
  void hand_on(bool partly = false) { flow.hand_on(writing.writer, partly); }
  std::uint64_t handed_on() const { return writing.writer.on_disk() + writing.writer.queued(); }

  std::string content;
  Disk disk;
  TransferJob job;
  Writing writing;
  Flow flow;
};

}  // namespace

TEST_CASE("flow: pieces are asked for from the beginning to the end, and none is empty") {
  Buffers buffers;
  Flow flow(1000, buffers);
  CHECK((flow.head() == nullptr && flow.idle() == nullptr && flow.ahead() == 0));
  auto& first = flow.add(600);
  CHECK((first.begin == 0 && first.at == 0 && first.end == 600 && flow.unasked() == 400));
  auto& second = flow.add(600);
  CHECK((second.begin == 600 && second.end == 1000 && flow.unasked() == 0 && flow.ahead() == 400));
  CHECK((flow.head() == &first && flow.idle() == &first));
  first.streams = 1;
  CHECK(flow.idle() == &second);
  second.streams = 1;
  CHECK(flow.idle() == nullptr);
  first.streams = 0;
  CHECK(flow.idle() == &first);  // its stream broke off

  flow.reset(250);
  CHECK((flow.pieces() == 0 && flow.unasked() == 750));
  CHECK(flow.add(std::uint64_t{1} << 63U).end == 1000);
}

TEST_CASE("flow: of the bytes of two streams each is taken once") {
  World world(1000);
  auto& piece = world.flow.add(1000);
  CHECK(world.accept(piece, 0, 300) == 300);
  CHECK(world.accept(piece, 0, 200) == 0);
  CHECK(world.accept(piece, 200, 450) == 150);
  CHECK(world.accept(piece, 100, 100) == 0);
  CHECK(world.accept(piece, 300, 1000) == 550);
  CHECK(piece.complete());
  CHECK(world.accept(piece, 450, 1000) == 0);
  world.hand_on();
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

TEST_CASE("flow: more than the piece is not taken, also where it was cut while bytes came") {
  World world(1000);
  auto& head = world.flow.add(1000);
  CHECK(world.accept(head, 0, 100) == 100);
  world.flow.cut(head, 400);
  CHECK((head.end == 400 && world.flow.unasked() == 600 && !head.complete()));
  auto& rest = world.flow.add(600);
  CHECK((rest.begin == 400 && rest.end == 1000));
  CHECK(world.accept(rest, 400, 1000) == 600);
  CHECK(world.accept(head, 100, 900) == 300);
  CHECK((head.complete() && head.at == 400));
  world.hand_on();
  CHECK(world.writing.end().end == TransferEnd::complete);
}

TEST_CASE("flow: what comes before its turn waits, and a piece stays as long as it has a stream") {
  constexpr std::size_t size = 3 * Chunk::capacity;
  World world(size);
  auto& head = world.flow.add(Chunk::capacity + 100);
  auto& ahead = world.flow.add(size);
  head.streams = ahead.streams = 1;
  CHECK(world.accept(ahead, Chunk::capacity + 100, size) == size - Chunk::capacity - 100);
  world.hand_on(true);
  CHECK(world.handed_on() == 0);
  CHECK(world.accept(head, 0, Chunk::capacity + 10) == Chunk::capacity + 10);
  world.hand_on();  // what is full
  CHECK(world.writing.buffers.queued <= Chunk::capacity);
  world.hand_on(true);
  CHECK(world.accept(head, Chunk::capacity + 10, Chunk::capacity + 100) == 90);
  world.hand_on();
  CHECK((world.flow.pieces() == 2 && world.flow.head() == &head));  // a stream still points to it
  head.streams = 0;
  world.hand_on();
  CHECK((world.flow.pieces() == 1 && world.flow.head() == &ahead));
  ahead.streams = 0;
  world.hand_on();
  CHECK(world.flow.pieces() == 0);
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

TEST_CASE("flow: joined for a server that sends all: what is ahead is dropped, what came of the head is not") {
  World world(1000);
  auto& head = world.flow.add(300);
  auto& ahead = world.flow.add(300);
  CHECK(world.accept(head, 0, 200) == 200);
  CHECK(world.accept(ahead, 300, 600) == 300);
  auto& joined = world.flow.join();
  CHECK((&joined == &head && joined.at == 200 && joined.end == 1000));
  CHECK((world.flow.pieces() == 1 && world.flow.unasked() == 0 && world.flow.ahead() == 0));
  for (std::uint64_t at = 0; at < 1000; at += 125)
    (void)world.accept(joined, at, at + 125);
  CHECK(joined.complete());
  world.hand_on();
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

TEST_CASE("flow: after a reset nothing of before is handed on") {
  World world(1000);
  CHECK(world.accept(world.flow.add(500), 0, 400) == 400);
  CHECK(world.accept(world.flow.add(500), 500, 600) == 100);
  world.flow.reset(0);
  world.hand_on(true);
  CHECK(world.handed_on() == 0);
  CHECK(world.accept(world.flow.add(1000), 0, 1000) == 1000);
  world.hand_on();
  CHECK(world.writing.end().end == TransferEnd::complete);
  CHECK(world.disk.content() == world.content);
}

namespace {

// Streams as the engine has them: each begins where its piece is, brings on, breaks off, or sends too much.
struct Chaos {
  struct Bringer {
    Piece* piece;
    std::uint64_t offset;
  };
  explicit Chaos(World& w, unsigned seed) : world(w), source(seed) {}

  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(source);
  }

  void begin(Piece& piece) {
    ++piece.streams;
    bringers.push_back({&piece, piece.at});
  }
  void leave(std::list<Bringer>::iterator bringer) {
    --bringer->piece->streams;
    bringers.erase(bringer);
  }
  void ask() {
    auto* head = world.flow.head();
    if (world.flow.pieces() == 1 && head->end - head->at > 2000 && below(4) == 0)
      world.flow.cut(*head, head->at + 1000);
    if (auto* idle = world.flow.idle()) return begin(*idle);
    if (world.flow.unasked() != 0 && bringers.size() < 6) return begin(world.flow.add(1 + below(300'000)));
    if (!bringers.empty() && below(3) == 0) begin(*std::next(bringers.begin(), pick())->piece);
  }
  std::ptrdiff_t pick() { return static_cast<std::ptrdiff_t>(below(bringers.size())); }
  void bring() {
    const auto bringer = std::next(bringers.begin(), pick());
    if (bringer->piece->complete() || below(12) == 0) return leave(bringer);
    const auto until = std::min<std::uint64_t>(world.content.size(), bringer->offset + 1 + below(200'000));
    const auto before = bringer->piece->at;
    news += world.accept(*bringer->piece, bringer->offset, until);
    fell_back = fell_back || bringer->piece->at < before;
    bringer->offset = until;
  }
  void run() {
    for (int i = 0; i < 100'000 && (world.flow.unasked() != 0 || world.flow.pieces() != 0); ++i) {
      ask();
      if (!bringers.empty()) bring();
      if (below(3) == 0) world.hand_on(below(2) == 0);
    }
  }

  World& world;
  std::minstd_rand source;
  std::list<Bringer> bringers;
  std::uint64_t news = 0;
  bool fell_back = false;
};

}  // namespace

TEST_CASE("flow: whatever arrives when, the file gets every byte once") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    World world(seed % 4 == 0 ? 2'500'000 : 700'000 + seed, seed);
    Chaos chaos(world, seed);
    chaos.run();
    CHECK((chaos.news == world.content.size() && !chaos.fell_back));
    CHECK(world.flow.pieces() == 0);
    CHECK(world.writing.end().end == TransferEnd::complete);
    CHECK(world.disk.content() == world.content);
  }
}
