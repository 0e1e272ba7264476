// The disk's side of a download: what the writer makes of a prefix, of bytes, and of everything
// that goes wrong.
#include "catch_any.hpp"
#include "transfer_world.hpp"

using namespace transfer_world;

namespace {

constexpr auto phase_open = WriterPhase::open, phase_again = WriterPhase::again;

bool is(const TransferResult& result, TransferEnd end) {
  return result.end == end;
}

bool says(const TransferResult& result, const std::string& part) {
  return result.cause.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("writer: a file in pieces, by either hash") {
  const auto content = random_content(2'500'000, 1);
  for (const auto kind : {HashKind::sha256, HashKind::git_sha1}) {
    Disk disk;
    const auto job = job_of(content, kind);
    Writing writing(disk, job);
    REQUIRE((writing.wait() == phase_open));
    CHECK(writing.writer.on_disk() == 0);
    writing.push(content);
    const auto result = writing.end();
    CHECK((is(result, TransferEnd::complete) && result.cause.empty()));
    CHECK((result.on_disk == content.size() && result.gained == content.size()));
    CHECK(disk.content() == content);
    CHECK((disk.commits == 1 && disk.restarts == 0 && disk.rejects == 0));
    CHECK((writing.writer.queued() == 0 && writing.buffers.queued == 0));
    CHECK(writing.wakes >= 2);
  }
}

TEST_CASE("writer: a large file, whether its pieces fit the pages of a disk or not") {
  const auto part = random_content(1U << 16U, 13);
  std::string content;
  while (content.size() < (33U << 20U))
    content += part;
  content += "end";
  Disk disk;
  const auto job = job_of(content);
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  const std::string_view all = content;
  writing.push(all.substr(0, 5U << 20U));
  writing.push(all.substr(5U << 20U, 1000));
  writing.push(all.substr((5U << 20U) + 1000, 3096));
  writing.push(all.substr((5U << 20U) + 4096));
  CHECK(is(writing.end(), TransferEnd::complete));
  CHECK((disk.content() == content));
}

TEST_CASE("writer: an empty file needs nobody") {
  Disk disk;
  const auto job = job_of("");
  Writing writing(disk, job);
  CHECK(is(writing.end(), TransferEnd::complete));
  CHECK(disk.commits == 1);
}

TEST_CASE("writer: a prefix that is right is kept, in whole pages") {
  constexpr std::uint64_t kept = 268 * Chunk::page;
  const auto content = random_content(1'300'000, 2);
  Disk disk;
  disk.put(content.substr(0, 1'100'000));
  const auto job = job_of(content);
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  CHECK(writing.writer.on_disk() == kept);
  writing.push(content.substr(kept));
  const auto result = writing.end();
  CHECK(is(result, TransferEnd::complete));
  CHECK((result.on_disk == content.size() && result.gained == content.size() - kept));
  CHECK((disk.content() == content && disk.restarts == 0));
}

TEST_CASE("writer: a prefix that is all needs no bytes") {
  const auto content = random_content(70'000, 3);
  Disk disk;
  disk.put(content);
  const auto job = job_of(content);
  Writing writing(disk, job);
  const auto result = writing.end();
  CHECK((is(result, TransferEnd::complete) && result.gained == 0));
}

TEST_CASE("writer: what is there is shorter than it was: the rest is asked for") {
  const auto content = random_content(50'000, 4);
  Disk disk;
  disk.put(content.substr(0, 10'000));
  disk.prefix = 30'000;
  const auto job = job_of(content);
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  CHECK(writing.writer.on_disk() == 10'000);
  writing.push(content.substr(10'000));
  CHECK(is(writing.end(), TransferEnd::complete));
}

TEST_CASE("writer: a wrong prefix costs one restart, and is not the first of two tries") {
  const auto content = random_content(40'000, 5);
  Disk disk;
  disk.put(std::string(15'000, 'x'));
  const auto job = job_of(content);
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  writing.push(content.substr(writing.writer.on_disk()));
  REQUIRE((writing.wait() == phase_again));
  CHECK((writing.writer.on_disk() == 0 && disk.restarts == 1));
  CHECK((writing.writer.take_phase() == phase_open));  // reported once

  SECTION("right at the second time") {
    writing.push(content);
    CHECK(is(writing.end(), TransferEnd::complete));
    CHECK((disk.content() == content && disk.rejects == 0));
  }
  SECTION("wrong twice after it") {
    writing.push(std::string(content.size(), 'y'));
    REQUIRE((writing.wait() == phase_again));
    writing.push(std::string(content.size(), 'z'));
    CHECK(is(writing.end(), TransferEnd::wrong));
    CHECK((disk.restarts == 2 && disk.rejects == 1));
  }
}

TEST_CASE("writer: wrong twice is told with both hashes, and set aside") {
  const auto content = random_content(30'000, 6), other = random_content(30'000, 7);
  Disk disk;
  const auto job = job_of(content);
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  writing.push(std::string(content.size(), 'x'));
  REQUIRE((writing.wait() == phase_again));
  CHECK(disk.content().empty());
  writing.push(other);
  const auto result = writing.end();
  CHECK(is(result, TransferEnd::wrong));
  CHECK(says(result,
             "checksum mismatch in two downloads: " + hash_of(other) + " instead of " + job.hex));
  CHECK(says(result, "kept as /cache/aside"));
  CHECK((disk.rejects == 1 && disk.commits == 0));
  CHECK(disk.content() == other);  // the evidence
}

TEST_CASE("writer: nothing begins") {
  const auto content = random_content(100, 8);
  auto job = job_of(content);
  job.prefix = 60;
  Disk disk;
  SECTION("it cannot") {
    disk.begin_fails = "Permission denied";
    Writing writing(disk, job);
    const auto result = writing.end();
    CHECK(is(result, TransferEnd::disk_error));
    CHECK(result.cause == "cannot open /cache/blobs: Permission denied");
    CHECK(result.on_disk == 60);
  }
  SECTION("somebody else is at it: as far as they are counts as there") {
    disk.busy = true;
    Writing writing(disk, job);
    const auto result = writing.end();
    CHECK((is(result, TransferEnd::busy) && result.holder.pid == 4711 && result.on_disk == 60));
  }
  SECTION("somebody else has done it") {
    disk.present = true;
    Writing writing(disk, job);
    CHECK(is(writing.end(), TransferEnd::present));
  }
}

TEST_CASE("writer: a full disk, and what was on its way is nobody's any more") {
  const auto content = random_content(3'000'000, 9);
  Disk disk;
  disk.device = "/dev/full";
  const auto job = job_of(content);
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  writing.push(content);
  const auto result = writing.end();
  CHECK((is(result, TransferEnd::disk_full) && says(result, "disk is full")));
  CHECK((result.on_disk == 0 && result.gained == 0));
  writing.writer.close();
  CHECK((disk.commits == 0 && disk.rejects == 0));
}

TEST_CASE("writer: after its end what is pushed is dropped, and counted out") {
  Disk disk;
  Buffers* buffers = nullptr;
  disk.present = true;
  const auto job = job_of("x");
  auto writing = std::make_unique<Writing>(disk, job);
  buffers = &writing->buffers;
  CHECK(is(writing->end(), TransferEnd::present));
  writing->push("late");
  CHECK(buffers->queued == 4);
  CHECK(writing->writer.queued() == 4);
}

TEST_CASE("writer: what cannot be finished is told as it is") {
  Disk disk;
  disk.commit_fails = "another file has its name now";
  const auto job = job_of("abc");
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  writing.push("abc");
  const auto result = writing.end();
  CHECK(is(result, TransferEnd::disk_error));
  CHECK(result.cause == "cannot finish the draft: another file has its name now");
  CHECK(result.on_disk == 3);
}

TEST_CASE("writer: closed early, all that came is on the disk") {
  const auto content = random_content(2'000'000, 10);
  Disk disk;
  const auto job = job_of(content);
  {
    Writing writing(disk, job);
    writing.push(content.substr(0, 1'500'000));
    writing.writer.close();
    const auto result = writing.end();
    CHECK((is(result, TransferEnd::open) && result.on_disk == 1'500'000 &&
           result.gained == 1'500'000));
  }
  CHECK(disk.content() == content.substr(0, 1'500'000));
  CHECK((disk.commits == 0 && disk.restarts == 0));
}

TEST_CASE("writer: destroyed early, likewise") {
  const auto content = random_content(500'000, 11);
  Disk disk;
  const auto job = job_of(content);
  {
    Writing writing(disk, job);
    writing.push(content.substr(0, 400'000));
  }
  CHECK(disk.content() == content.substr(0, 400'000));
}

TEST_CASE("writer: interrupted while it reads what is there, all of that is still there") {
  const auto content = random_content(3'000'000, 12);
  Disk disk;
  disk.put(content.substr(0, 2'500'000));
  std::stop_source interrupted;
  interrupted.request_stop();
  const auto job = job_of(content);
  Writing writing(disk, job, interrupted.get_token());
  const auto result = writing.end();
  CHECK((is(result, TransferEnd::open) && result.on_disk == 2'500'000 && result.gained == 0));
  CHECK(disk.content().size() == 2'500'000);
}

TEST_CASE("writer: pieces that came early are kept, and are there for the next run") {
  const auto content = random_content(3'000'000, 21);
  const std::string_view all = content;
  Disk disk;
  const auto job = job_of(content);
  {
    Writing writing(disk, job);
    REQUIRE((writing.wait() == phase_open));
    CHECK(writing.writer.take_restored().empty());
    writing.push(all.substr(0, 40'960));
    writing.keep(1'000'000, all.substr(1'000'000, 900'000));
    writing.keep(2'500'000, all.substr(2'500'000, 300'000));
    writing.writer.close();
    const auto result = writing.end();
    CHECK(is(result, TransferEnd::open));
    CHECK(result.on_disk == 40'960);
    CHECK(result.gained == 40'960 + 1'200'000);
    CHECK((disk.content() == all.substr(0, 40'960)));  // still a prefix
    CHECK(writing.writer.keeping() == 0);
  }
  disk.prefix = 40'960;
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  auto pieces = writing.writer.take_restored();
  REQUIRE(pieces.size() == 2);
  CHECK((pieces[0].offset == 1'000'000 && pieces[1].offset == 2'500'000));
  writing.push(all.substr(40'960, 1'000'000 - 40'960));
  writing.writer.push(std::move(pieces[0].chunk));
  writing.push(all.substr(1'900'000, 600'000));
  writing.writer.push(std::move(pieces[1].chunk));
  writing.push(all.substr(2'800'000));
  const auto result = writing.end();
  CHECK(is(result, TransferEnd::complete));
  CHECK(result.gained == content.size() - 40'960 - 1'200'000);
  CHECK(disk.content() == content);
}

TEST_CASE("early pieces: what was kept counts once, and nothing of wrong content counts") {
  Disk disk;
  const auto content = random_content(3'000'000, 23);
  DiskPartialFile draft(disk);
  Buffers buffers;
  EarlyPieces pieces(content.size(), buffers);
  const auto keep = [&](std::uint64_t offset, std::size_t length) {
    EarlyPiece piece{offset, buffers.take()};
    content.copy(piece.chunk.memory.get(), length, offset);
    piece.chunk.length = length;
    pieces.keep(std::move(piece));
  };
  keep(1'000'000, 500'000);
  keep(2'000'000, 300'000);
  CHECK(pieces.keeping() == 800'000);
  pieces.save(draft, 0);
  CHECK(pieces.keeping() == 0);
  CHECK(pieces.saved_from(0) == 800'000);
  CHECK(pieces.saved_from(1'200'000) == 300'000);  // the first one is in the draft by then
  keep(1'000'000, 500'000);
  pieces.drop();
  CHECK(pieces.keeping() == 0);
  CHECK(pieces.saved_from(0) == 0);
  CHECK(pieces.take_restored().empty());
}

TEST_CASE("writer: pieces that are wrong cost a second download, and no verdict") {
  const auto content = random_content(2'000'000, 22);
  const std::string_view all = content;
  Disk disk;
  const auto job = job_of(content);
  {
    Writing writing(disk, job);
    REQUIRE((writing.wait() == phase_open));
    writing.keep(1'000'000, std::string(500'000, 'x'));
    writing.writer.close();
    (void)writing.end();
  }
  Writing writing(disk, job);
  REQUIRE((writing.wait() == phase_open));
  auto pieces = writing.writer.take_restored();
  REQUIRE(pieces.size() == 1);
  writing.push(all.substr(0, 1'000'000));
  writing.writer.push(std::move(pieces[0].chunk));
  writing.push(all.substr(1'500'000));
  REQUIRE((writing.wait() == phase_again));
  CHECK(writing.writer.take_restored().empty());
  writing.push(content);
  CHECK(is(writing.end(), TransferEnd::complete));
  CHECK((disk.restarts == 1 && disk.rejects == 0 && disk.content() == content));
}
