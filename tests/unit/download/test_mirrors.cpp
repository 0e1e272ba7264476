#include "download/mirrors.hpp"

#include "catch_any.hpp"

using namespace hfaudit;

namespace {

std::vector<std::vector<Url>> servers(std::size_t count, std::size_t urls = 2) {
  std::vector<std::vector<Url>> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto& one = all.emplace_back();
    for (std::size_t j = 0; j < urls; ++j)
      one.push_back(*parse_url("http://node" + std::to_string(i) + "/" + std::to_string(j)));
  }
  return all;
}

EndedMirrorRequest ended(AnswerKind kind, std::uint64_t gained = 0) {
  AnswerVerdict verdict;
  verdict.kind = kind;
  return {verdict, gained, {}};
}

}  // namespace

TEST_CASE("The mirror with the fewest requests gets the next one") {
  const Mirrors mirrors(servers(3));
  const std::vector<MirrorHealth> health(3);
  CHECK(mirrors.pick(health, {2, 1, 1}, {}) == 1);
  CHECK(mirrors.pick(health, {0, 1, 1}, {0}) == 1);
  CHECK(mirrors.pick(health, {0, 0, 0}, {0, 1, 2}) == 0);  // better than none
  CHECK_FALSE(Mirrors().pick({}, {}, {}));
}

TEST_CASE("A mirror without the file is asked for its other name, then dropped for this file") {
  Mirrors mirrors(servers(1));
  std::vector<MirrorHealth> health(1);
  CHECK(mirrors.url(0).path == "/0");
  CHECK_FALSE(mirrors.note_end(0, ended(AnswerKind::expired), health[0]));
  CHECK(mirrors.url(0).path == "/1");
  CHECK(mirrors.any(health));
  CHECK_FALSE(mirrors.note_end(0, ended(AnswerKind::wrong), health[0]));
  CHECK_FALSE(mirrors.any(health));
  CHECK_FALSE(health[0].down);
}

TEST_CASE("A mirror that does not answer is dropped for all files") {
  Mirrors mirrors(servers(2));
  std::vector<MirrorHealth> health(2);
  CHECK_FALSE(mirrors.note_end(1, {std::nullopt, 0, "node1: connection refused"}, health[1]));
  CHECK(health[1].down);
  CHECK(mirrors.cause() == "node1: connection refused");
  CHECK(mirrors.pick(health, {5, 0}, {}) == 0);
  CHECK(Mirrors(servers(2)).pick(health, {5, 0}, {}) == 0);
}

TEST_CASE("An answer that breaks off after bytes is no failure, three without a byte are") {
  Mirrors mirrors(servers(1));
  std::vector<MirrorHealth> health(1);
  for (int i = 0; i < 10; ++i) {
    CHECK(mirrors.note_end(0, ended(AnswerKind::range, 100), health[0]));
    CHECK_FALSE(mirrors.note_end(0, ended(AnswerKind::range), health[0]));
    CHECK_FALSE(mirrors.note_end(0, ended(AnswerKind::waits), health[0]));
  }
  CHECK(mirrors.any(health));
  for (int i = 0; i < 3; ++i)
    (void)mirrors.note_end(0, ended(AnswerKind::waits), health[0]);
  CHECK_FALSE(mirrors.any(health));
}

TEST_CASE("A server without ranges is used when no other is left") {
  Mirrors mirrors(servers(2));
  std::vector<MirrorHealth> health(2);
  CHECK_FALSE(mirrors.accept_whole(0, health));
  CHECK(mirrors.pick(health, {0, 7}, {}) == 1);
  CHECK(mirrors.accept_whole(1, health));
  health[1].down = true;
  CHECK(mirrors.pick(health, {0, 0}, {}) == 0);
  CHECK(mirrors.accept_whole(0, health));
}

TEST_CASE("Wrong content: the only mirror that gave bytes is dropped") {
  Mirrors mirrors(servers(2));
  const std::vector<MirrorHealth> health(2);
  mirrors.note_bytes(1, 10);
  mirrors.note_wrong_content();
  CHECK(mirrors.pick(health, {9, 0}, {}) == 0);
  CHECK(mirrors.bytes() == std::vector<std::uint64_t>{0, 10});
}

TEST_CASE("Wrong content of several mirrors: each is asked alone, then the rest") {
  Mirrors mirrors(servers(3));
  const std::vector<MirrorHealth> health(3);
  mirrors.note_bytes(0, 10);
  mirrors.note_bytes(1, 10);
  mirrors.note_wrong_content();
  CHECK(mirrors.pick(health, {9, 0, 0}, {}) == 0);
  mirrors.note_bytes(0, 20);
  mirrors.note_wrong_content();
  CHECK(mirrors.pick(health, {0, 9, 0}, {}) == 1);
  mirrors.note_bytes(1, 20);
  mirrors.note_wrong_content();
  CHECK(mirrors.pick(health, {0, 0, 9}, {}) == 2);
  mirrors.note_bytes(2, 20);
  mirrors.note_wrong_content();
  CHECK_FALSE(mirrors.any(health));
}
