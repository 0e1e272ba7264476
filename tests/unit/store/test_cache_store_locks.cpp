// Locks of a hub cache: those of the clients, and several downloads at once.
#include <sys/file.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

TEST_CASE("cache store: who holds the lock is left alone, unless it is told otherwise") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto lock = world.hub() + "/.locks/models--acme--six/" + file.etag() + ".lock";
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  write(lock, "");
  const int fd = ::open(lock.c_str(), O_RDWR);
  REQUIRE(::flock(fd, LOCK_EX) == 0);
  const auto refused = must_begin(*store, file);
  CHECK_FALSE(refused.partial_file);
  CHECK_FALSE(refused.present);
  CHECK(refused.holder.pid == ::getpid());
  write(world.blob(file.etag() + ".incomplete"), file_text.substr(0, 9));
  {
    const auto fresh = world.store();
    const auto begun = must_begin(*fresh, file, {.despite_lock = true});
    REQUIRE(begun.partial_file);
    CHECK(begun.partial_file->prefix() == 9);  // copied: its writer may be at work
    CHECK(exists(world.blob(file.etag() + ".incomplete")));
    CHECK(exists(world.blob(file.etag() + ".hfaudit.incomplete")));
    fill(*begun.partial_file, file_text);
    REQUIRE(begun.partial_file->commit());
    // the lock is not ours: neither is this
    CHECK(exists(world.blob(file.etag() + ".incomplete")));
  }
  ::close(fd);
  CHECK(read(world.entry("w")) == file_text);
  CHECK(exists(lock));
}

TEST_CASE("cache store: two at once on one file: one waits, one works") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto one = world.store();
  const auto two = world.store();
  REQUIRE(one->prepare({{file}}));
  const auto first = must_begin(*one, file);
  REQUIRE(first.partial_file);
  CHECK_FALSE(must_begin(*two, file).partial_file);
  const auto despite = must_begin(*two, file, {.despite_lock = true});
  REQUIRE(despite.partial_file);
  CHECK(count(world.repo("blobs"), ".hfaudit.incomplete") == 2);
  fill(*first.partial_file, file_text);
  fill(*despite.partial_file, file_text);
  REQUIRE(first.partial_file->commit());
  REQUIRE(despite.partial_file->commit());
  CHECK(count(world.repo("blobs"), "") == 1);
  CHECK(read(world.entry("w")) == file_text);
}

TEST_CASE("cache store: locks of other clients count where they lie") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  REQUIRE(world.store()->prepare({{file}}));
  const auto old = world.blob(file.etag() + ".lock");  // hf-hub 0.4, 0.5
  const auto swift = world.hub() + "/.locks/models--acme--six/blobs/" + file.etag() + ".lock";
  const auto path = GENERATE(false, true) ? old : swift;
  write(path, "");
  const int fd = ::open(path.c_str(), O_RDWR);
  REQUIRE(::flock(fd, LOCK_EX) == 0);
  CHECK_FALSE(must_begin(*world.store(), file).partial_file);
  ::close(fd);
  CHECK(must_begin(*world.store(), file).partial_file);
}

TEST_CASE("cache store: a soft lock is held as long as its process lives") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const auto lock = world.hub() + "/.locks/models--acme--six/" + file.etag() + ".lock";
  const auto host = host_name();
  write(lock, std::to_string(::getpid()) + "\n" + host + "\n");
  const auto refused = must_begin(*store, file);
  CHECK_FALSE(refused.partial_file);
  CHECK(refused.holder.pid == ::getpid());
  write(lock, "2147483646\n" + host + "\n");
  CHECK(must_begin(*store, file).partial_file);
  write(lock, "12\nelsewhere\n");
  CHECK_FALSE(must_begin(*store, file).partial_file);
}

TEST_CASE("cache store: a lock that cannot be had is done without") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  SECTION("a link in its place") {
    fs::create_directories(world.hub() + "/.locks/models--acme--six");
    fs::create_symlink(world / "target",
                       world.hub() + "/.locks/models--acme--six/" + file.etag() + ".lock");
  }
  SECTION("a file for its folder") {
    write(world.hub() + "/.locks", "");
  }
  const auto begun = must_begin(*store, file);
  REQUIRE(begun.partial_file);
  CHECK_FALSE(must_begin(*store, file).partial_file);  // we keep each other out all the same
  fill(*begun.partial_file, file_text);
  CHECK(begun.partial_file->commit());
  CHECK_FALSE(exists(world / "target"));
}

TEST_CASE("cache store: many threads, each with its own files") {
  const CacheWorld world;
  const auto store = world.store();
  constexpr int threads = 4;
  constexpr int files = 5;
  const auto file_of = [](int thread, int number) {
    auto file = lfs_file("d" + std::to_string(number) + "/" + std::to_string(thread), 'a',
                         file_text.size());
    file.lfs_sha256 = std::to_string(thread) + std::to_string(number) + file.etag().substr(2);
    return file;
  };
  REQUIRE(store->prepare({}));
  std::atomic<int> done = 0;
  std::vector<std::thread> crew;
  for (int thread = 0; thread < threads; ++thread) {
    crew.emplace_back([&, thread] {  // Catch2's checks are for one thread
      for (int number = 0; number < files; ++number) {
        const auto file = file_of(thread, number);
        const auto begun = store->begin(file, {});
        if (!begun || !begun->partial_file) continue;
        if (::pwrite(begun->partial_file->fd(), file_text.data(), file_text.size(), 0) < 0)
          continue;
        const auto state = begun->partial_file->commit();
        if (state && state->linked && store->inspect(file)->present) ++done;
      }
    });
  }
  for (auto& thread : crew)
    thread.join();
  CHECK(done == threads * files);
}
