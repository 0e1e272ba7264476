// Pieces beside a draft: what is saved comes back, slots are bounded and used again, and nothing
// that was cut off or made up is taken for a piece.
#include <algorithm>

#include "catch_any.hpp"
#include "transfer_world.hpp"

using namespace transfer_world;

namespace {

constexpr std::uint64_t piece_mib = Chunk::capacity;

struct PieceWorld {
  std::FILE* file = std::tmpfile();
  std::string content;
  Buffers buffers;

  explicit PieceWorld(std::size_t size) : content(random_content(size, 3)) {}
  PieceWorld(const PieceWorld&) = delete;
  PieceWorld& operator=(const PieceWorld&) = delete;
  ~PieceWorld() { std::fclose(file); }

  [[nodiscard]] PieceFile open() const { return {::fileno(file), content.size()}; }
  [[nodiscard]] bool save(PieceFile& pieces, std::uint64_t offset, std::size_t length,
                          std::uint64_t passed = 0) const {
    return pieces.save(offset, std::span(content).subspan(offset, length), passed);
  }
  // As text: "offset+length", where the content is right.
  [[nodiscard]] std::vector<std::string> load(std::uint64_t from = 0) {
    auto pieces = open();
    std::vector<std::string> found;
    for (const auto& piece : pieces.load(from, buffers)) {
      const auto bytes = piece.chunk.bytes();
      const bool right = std::equal(bytes.begin(), bytes.end(),
                                    content.begin() + static_cast<std::ptrdiff_t>(piece.offset));
      found.push_back(std::to_string(piece.offset) + "+" + std::to_string(piece.chunk.length) +
                      (right ? "" : " wrong"));
    }
    return found;
  }
  void overwrite(std::uint64_t at, std::string_view bytes) const {
    REQUIRE(::pwrite(::fileno(file), bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
            static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] std::uint64_t size() const {
    std::fseek(file, 0, SEEK_END);
    return static_cast<std::uint64_t>(std::ftell(file));
  }
};

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("pieces: what was saved comes back, by offset") {
  PieceWorld world(5'000'000);
  auto pieces = world.open();
  CHECK(world.save(pieces, 3'000'000, piece_mib));
  CHECK(world.save(pieces, 1'000'000, 10));
  CHECK(world.load() == Found{"1000000+10", "3000000+1048576"});
  CHECK(world.load(1'000'004) == Found{"1000004+6", "3000000+1048576"});
  CHECK(world.load(3'500'000) == Found{"3500000+548576"});
  CHECK(world.load(5'000'000).empty());
}

TEST_CASE("pieces: overlaps come once") {
  PieceWorld world(1'000'000);
  auto pieces = world.open();
  CHECK(world.save(pieces, 100, 200));
  CHECK(world.save(pieces, 100, 100));
  CHECK(world.save(pieces, 250, 100));
  CHECK(world.save(pieces, 120, 50));
  CHECK(world.load() == Found{"100+200", "300+50"});
}

TEST_CASE("pieces: a slot is used again once its piece is passed, and the file stays bounded") {
  PieceWorld world(400 * 4096);
  auto pieces = world.open();
  for (std::uint64_t i = 0; i < PieceFile::most_slots; ++i)
    CHECK(world.save(pieces, i * 4096, 4096));
  CHECK_FALSE(world.save(pieces, 300 * 4096, 4096));
  CHECK(world.save(pieces, 300 * 4096, 4096, 4096));
  CHECK_FALSE(world.save(pieces, 301 * 4096, 4096, 4096));
  CHECK(world.load(4096).size() == PieceFile::most_slots);
  CHECK(world.size() <= PieceFile::most_slots * PieceFile::slot_bytes);
}

TEST_CASE("pieces: a run that goes on uses the slots that another has left") {
  PieceWorld world(1'000'000);
  auto first = world.open();
  CHECK(world.save(first, 500'000, 1000));
  CHECK(world.save(first, 700'000, 1000));
  auto second = world.open();
  CHECK(second.load(600'000, world.buffers).size() == 1);
  const auto before = world.size();
  CHECK(world.save(second, 800'000, 1000, 600'000));
  CHECK(world.size() == before);
  CHECK(world.load() == Found{"700000+1000", "800000+1000"});
}

TEST_CASE("pieces: what is damaged or made up is none") {
  PieceWorld world(1'000'000);
  auto pieces = world.open();
  CHECK(world.save(pieces, 1000, 5000));
  world.overwrite(Chunk::page + 17, "?");  // content
  CHECK(world.load().empty());
  CHECK(world.save(pieces, 1000, 5000, 6000));
  CHECK(world.load().size() == 1);
  world.overwrite(16, "?");  // header
  CHECK(world.load().empty());
  PieceWorld other(2'000'000);  // another content's
  auto theirs = other.open();
  CHECK(other.save(theirs, 1000, 5000));
  PieceFile wrong(::fileno(other.file), 1'500'000);
  CHECK(wrong.load(0, world.buffers).empty());
  other.overwrite(0, std::string(8000, '\xff'));
  CHECK(other.load().empty());
}

TEST_CASE("pieces: a file that was cut off anywhere gives whole pieces only") {
  PieceWorld world(1'000'000);
  auto pieces = world.open();
  CHECK(world.save(pieces, 1000, 3000));
  CHECK(world.save(pieces, 9000, 3000));
  for (const std::uint64_t size :
       {std::uint64_t{PieceFile::slot_bytes + Chunk::page + 2999}, PieceFile::slot_bytes + 20UL,
        std::uint64_t{Chunk::page + 2999}, std::uint64_t{100}, std::uint64_t{0}}) {
    REQUIRE(::ftruncate(::fileno(world.file), static_cast<off_t>(size)) == 0);
    const auto found = world.load();
    CHECK(found.size() == (size > PieceFile::slot_bytes ? 1 : 0));
  }
}

TEST_CASE("pieces: a disk that takes nothing keeps nothing") {
  PieceWorld world(1'000'000);
  std::FILE* full = std::fopen("/dev/full", "r+");
  REQUIRE(full != nullptr);
  PieceFile pieces(::fileno(full), world.content.size());
  CHECK_FALSE(world.save(pieces, 0, 1000));
  std::fclose(full);
}
