#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <vector>

#include "catch_any.hpp"
#include "digest/digest.hpp"
#include "digest/sha256_plan.hpp"
#include "fixture_digest.hpp"

using namespace hfaudit;

namespace {

using Buffer = std::vector<unsigned char>;

Buffer noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Buffer buffer(size);
  std::ranges::generate(buffer, [&] { return static_cast<unsigned char>(random() >> 24U); });
  return buffer;
}

Sha256 begin(Sha256Engine engine = Sha256Engine::best) {
  auto digest = Sha256::begin(engine);
  REQUIRE(digest);
  return std::move(*digest);
}

std::string hex_of(Sha256& digest) {
  const auto finished = digest.finish();
  REQUIRE(finished);
  return to_hex(*finished);
}

std::string sha256(std::string_view text, Sha256Engine engine = Sha256Engine::best) {
  auto digest = begin(engine);
  digest.update(text);
  return hex_of(digest);
}

std::string by_openssl(Bytes bytes) {
  auto digest = begin(Sha256Engine::openssl);
  digest.update(bytes);
  return hex_of(digest);
}

// In pieces of random length, empty ones too.
std::string in_pieces(Bytes bytes, std::mt19937& random, Sha256Engine engine = Sha256Engine::best) {
  auto digest = begin(engine);
  while (!bytes.empty()) {
    const auto piece = std::min<std::size_t>(random() % 200, bytes.size());
    digest.update(bytes.first(piece));
    bytes = bytes.subspan(piece);
  }
  return hex_of(digest);
}

void update_both(Sha256& a, Bytes a_bytes, Sha256& b, Bytes b_bytes) {
  const std::array<Sha256Input, 2> inputs{{{&a, a_bytes}, {&b, b_bytes}}};
  update_all(sha256_quick_plan(), inputs);
}

std::string git_id(std::string_view text) {
  auto digest = GitSha1::begin(text.size());
  REQUIRE(digest);
  digest->update(text);
  const auto finished = digest->finish();
  REQUIRE(finished);
  return to_hex(*finished);
}

const Sha256Kernel* kernel() {
  return sha256_x86() != nullptr ? sha256_x86() : sha256_arm();
}

}  // namespace

TEST_CASE("SHA-256 of the standard's examples") {
  for (const auto engine : {Sha256Engine::best, Sha256Engine::openssl}) {
    CHECK(sha256("", engine) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256("abc", engine) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", engine) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqk"
                 "lmnopqrlmnopqrs"
                 "mnopqrstnopqrstu",
                 engine) == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    CHECK(sha256(std::string(1'000'000, 'a'), engine) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST_CASE("SHA-256 of every length, in pieces, is what OpenSSL says") {
  const auto bytes = noise(5000, 1);
  std::vector<std::size_t> lengths(301);
  std::iota(lengths.begin(), lengths.end(), 0U);
  for (const std::size_t block : {448U, 512U, 1024U, 4032U, 4096U})
    for (std::size_t length = block - 9; length <= block + 9; ++length)
      lengths.push_back(length);
  std::mt19937 random(2);
  for (const auto length : lengths) {
    INFO(length);
    const auto part = Bytes(bytes).first(length);
    const auto expected = by_openssl(part);
    CHECK(sha256({reinterpret_cast<const char*>(part.data()), length}) == expected);
    for (int way = 0; way < 3; ++way)
      CHECK(in_pieces(part, random) == expected);
    CHECK(in_pieces(part, random, Sha256Engine::openssl) == expected);
  }
}

TEST_CASE("two streams at once, with any tails, lengths and alignment, are what each is alone") {
  const auto bytes = noise(3000, 3);
  const std::vector<std::size_t> edges{0, 1, 63, 64, 65, 127, 128, 500};
  for (const auto a_tail : {0U, 1U, 55U, 63U, 64U})
    for (const auto b_tail : {0U, 7U, 56U, 63U})
      for (const auto a_size : edges)
        for (const auto b_size : edges) {
          INFO(a_tail << ' ' << b_tail << ' ' << a_size << ' ' << b_size);
          const auto a_all = Bytes(bytes).subspan(a_size % 16, a_tail + a_size);
          const auto b_all = Bytes(bytes).subspan(1000 + b_tail % 16, b_tail + b_size);
          auto a = begin(), b = begin();
          a.update(a_all.first(a_tail));
          b.update(b_all.first(b_tail));
          update_both(a, a_all.subspan(a_tail), b, b_all.subspan(b_tail));
          CHECK(hex_of(a) == by_openssl(a_all));
          CHECK(hex_of(b) == by_openssl(b_all));
        }
}

TEST_CASE("two streams of thousands of random pieces are what each is alone") {
  const auto bytes = noise(100'000, 4);
  std::mt19937 random(5);
  const auto any = [&](std::size_t below) { return static_cast<std::size_t>(random()) % below; };
  for (int round = 0; round < 3000; ++round) {
    auto a = begin();
    auto b = begin(any(8) == 0 ? Sha256Engine::openssl : Sha256Engine::best);
    Buffer a_all, b_all;
    for (std::size_t pieces = any(5) + 1; pieces > 0; --pieces) {
      const auto a_piece = Bytes(bytes).subspan(any(90'000), any(any(4) == 0 ? 5000 : 200));
      const auto b_piece = Bytes(bytes).subspan(any(90'000), any(any(4) == 0 ? 5000 : 200));
      update_both(a, a_piece, b, b_piece);
      a_all.insert(a_all.end(), a_piece.begin(), a_piece.end());
      b_all.insert(b_all.end(), b_piece.begin(), b_piece.end());
    }
    INFO(round);
    REQUIRE(hex_of(a) == by_openssl(a_all));
    REQUIRE(hex_of(b) == by_openssl(b_all));
  }
}

TEST_CASE("the processor's SHA-256, one stream and two, from any state") {
  if (kernel() == nullptr) {
    WARN("this processor has no instructions for SHA-256");
    return;
  }
  std::mt19937 random(6);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t count = random() % 4;
    const auto bytes = noise(2 * 4 * sha256_block + 32, static_cast<unsigned>(round));
    const auto* a_blocks = bytes.data() + random() % 16;
    const auto* b_blocks = bytes.data() + 4 * sha256_block + random() % 16;
    fixture::Sha256Core a, b;  // plain C++, block by block
    std::ranges::generate(a.state, std::ref(random));
    std::ranges::generate(b.state, std::ref(random));
    Sha256State alone = a.state, first = a.state, second = b.state;
    kernel()->one(alone, a_blocks, count);
    kernel()->two(first, a_blocks, second, b_blocks, count);
    std::array<std::uint8_t, sha256_block> block{};
    for (std::size_t i = 0; i < count; ++i) {
      std::copy_n(a_blocks + i * sha256_block, sha256_block, block.begin());
      a.block(block);
      std::copy_n(b_blocks + i * sha256_block, sha256_block, block.begin());
      b.block(block);
    }
    INFO(round);
    REQUIRE(alone == a.state);
    REQUIRE(first == a.state);
    REQUIRE(second == b.state);
  }
}

TEST_CASE(
    "the padding counts bits beyond 32 of them, and gives the length a block of its own where it "
    "must") {
  const auto padded = [](std::uint64_t length) {
    std::array<unsigned char, 2 * sha256_block> last{};
    last.fill(0xee);
    const auto blocks = pad_sha256(last, length);
    return to_hex(Bytes(last).first(blocks * sha256_block));
  };
  const auto zeros = [](std::size_t bytes) { return std::string(2 * bytes, '0'); };
  const auto kept = [](std::size_t bytes) { return std::string(2 * bytes, 'e'); };
  CHECK(padded(0) == "80" + zeros(63));
  CHECK(padded(55) == kept(55) + "80" + "00000000000001b8");
  CHECK(padded(56) == kept(56) + "80" + zeros(7) + zeros(56) + "00000000000001c0");
  CHECK(padded(63) == kept(63) + "80" + zeros(56) + "00000000000001f8");
  CHECK(padded(std::uint64_t{1} << 29U) == "80" + zeros(55) + "0000000100000000");
  CHECK(padded((std::uint64_t{5} << 30U) + 1) == kept(1) + "80" + zeros(54) + "0000000a00000008");
  CHECK(padded((std::uint64_t{1} << 45U) + 60) ==
        kept(60) + "80" + zeros(3) + zeros(56) + "00010000000001e0");
}

TEST_CASE("a digest goes on where it is moved to") {
  auto digest = begin();
  digest.update("hel");
  auto moved = std::move(digest);
  digest = begin();
  digest.update("lo");
  moved.update("lo");
  CHECK(hex_of(moved) == sha256("hello"));
  CHECK(hex_of(digest) == sha256("lo"));
  CHECK(begin(Sha256Engine::openssl).engine() == std::string("OpenSSL"));
  CHECK((begin().engine() != std::string("OpenSSL")) == (kernel() != nullptr));
  CHECK(begin().state().has_value() == sha256_has_states());
}

TEST_CASE("git's ids of known files") {
  CHECK(git_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  CHECK(git_id("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a");
  const std::string large(100'000, 'x');
  CHECK(git_id(large) == fixture::git_oid(large));
}
