// What a hub cache looks like after a download, byte for byte where clients care.
#include <sys/file.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

const std::string text = "what the file is to hold";

void pull(Store& store, const TreeFile& file, std::string_view content, bool replace = false) {
  const auto begun = must_begin(store, file, replace);
  REQUIRE(begun.partial_file);
  fill(*begun.partial_file, content);
  const auto done = begun.partial_file->commit();
  REQUIRE(done);
  CHECK(done->present);
  CHECK(done->linked);
}

}  // namespace

TEST_CASE("cache store: a download from nothing leaves what the clients leave") {
  const CacheWorld world;
  const auto store = world.store();
  auto config = git_file("config.json", 'a', text.size());
  auto deep = lfs_file("onnx/fp16/w\xc3\xa4ights.bin", 'b', text.size());
  deep.xet_hash = std::string(64, 'c');

  REQUIRE(store->prepare({{config, deep}}));
  CHECK_FALSE(store->inspect(config)->present);
  CHECK_FALSE(exists(world.repo("snapshots")));  // not before there is something to put into it
  pull(*store, config, text);
  pull(*store, deep, text);

  CHECK(read(world.repo("refs/main")) == test_commit);
  CHECK(read(world.hub() + "/CACHEDIR.TAG")
            .starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
  CHECK(read(world.repo("trees/" + test_commit + ".json")) ==
        "{\n \"format_version\": 1,\n \"files\": {\n  \"config.json\": {\n   \"size\": 24,\n   "
        "\"blob_id\": \"" +
            config.blob_id.str() +
            "\"\n  },\n  \"onnx/fp16/w\\u00e4ights.bin\": {\n   \"size\": 24,\n   \"blob_id\": \"" +
            deep.blob_id.str() + "\",\n   \"lfs_sha256\": \"" + deep.lfs_sha256.str() +
            "\",\n   \"lfs_size\": 24,\n   \"xet_hash\": \"" + deep.xet_hash.str() +
            "\"\n  }\n }\n}");
  CHECK(fs::read_symlink(world.entry("config.json")) == "../../blobs/" + config.blob_id.str());
  CHECK(fs::read_symlink(world.entry(deep.path)) == "../../../../blobs/" + deep.lfs_sha256.str());
  CHECK(read(world.entry(deep.path)) == text);
  CHECK(count(world.repo("blobs"), "") == 2);
  CHECK(mode(world.hub() + "/.locks/models--acme--six/" + config.blob_id.str() + ".lock") == 0664);
  CHECK(read(world.hub() + "/.locks/models--acme--six/" + config.blob_id.str() + ".lock").empty());

  const auto state = store->inspect(deep);
  REQUIRE(state);
  CHECK(state->present);
  CHECK(state->linked);
  CHECK(state->key.inode == inode(world.blob(deep.lfs_sha256)));
  CHECK((*store->open(deep))->size() == text.size());
}

TEST_CASE("cache store: modes are those of the umask") {
  const auto mask = GENERATE(022U, 077U, 002U);
  const CacheWorld world(mask);
  const auto store = world.store();
  const auto file = lfs_file("a/b", 'a', text.size());
  REQUIRE(store->prepare({{file}}));
  write(world.blob(file.etag() + ".incomplete"), text.substr(0, 5));
  fs::permissions(world.blob(file.etag() + ".incomplete"),
                  fs::perms::owner_read | fs::perms::owner_write);
  pull(*store, file, text);
  for (const auto& path :
       {world.blob(file.etag()), world.repo("refs/main"), world.hub() + "/CACHEDIR.TAG",
        world.repo("trees/" + test_commit + ".json")}) {
    INFO(path);
    CHECK(mode(path) == (0666U & ~mask));
  }
  for (const auto& path :
       {world.hub(), world.repo("blobs"), world.entry("a"), world.hub() + "/.locks"}) {
    INFO(path);
    CHECK(mode(path) == (0777U & ~mask));
  }
}

TEST_CASE("cache store: a nested ref, a commit that needs none, and a ref that is right already") {
  const CacheWorld world;
  REQUIRE(world.store(true, "refs/pr/1")->prepare({}));
  CHECK(read(world.repo("refs/refs/pr/1")) == test_commit);
  REQUIRE(world.store(true, test_commit)->prepare({}));
  CHECK_FALSE(exists(world.repo("refs/" + test_commit)));
  write(world.repo("refs/main"), test_commit);
  const auto before = inode(world.repo("refs/main"));
  REQUIRE(world.store()->prepare({}));
  CHECK(inode(world.repo("refs/main")) == before);
  write(world.repo("refs/main"), test_commit + "\n");
  REQUIRE(world.store()->prepare({}));
  CHECK(read(world.repo("refs/main")) == test_commit);
  CHECK(count(world.repo("refs"), ".tmp") == 0);
  Layout layout;
  layout.hub_cache.path = world.hub();
  for (const auto& bad : {"../x", "/x", "a//b", ""})
    CHECK_FALSE(open_cache_store(layout, test_repo, bad, test_commit));
}

TEST_CASE("cache store: nothing is written before it is asked for") {
  const CacheWorld world;
  const auto store = world.store();
  const auto file = lfs_file("w", 'a', 10);
  CHECK_FALSE(store->inspect(file)->present);
  CHECK(*store->open(file) == nullptr);
  CHECK(store->free_bytes());
  CHECK_FALSE(exists(world / "home"));
}

TEST_CASE("cache store: a draft that stops is gone on with; one without a byte goes") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto name = world.blob(file.etag() + ".hfaudit.incomplete");
  REQUIRE(world.store()->prepare({{file}}));
  (void)must_begin(*world.store(), file);
  CHECK_FALSE(exists(name));
  {
    const auto begun = must_begin(*world.store(), file);
    CHECK(begun.partial_file->prefix() == 0);
    REQUIRE(::pwrite(begun.partial_file->fd(), text.data(), 7, 0) == 7);
  }
  CHECK(read(name) == text.substr(0, 7));
  CHECK(world.store()->inspect(file)->prefix == 7);
  const auto store = world.store();
  const auto begun = must_begin(*store, file);
  CHECK(begun.partial_file->prefix() == 7);
  REQUIRE(begun.partial_file->restart());
  CHECK(begun.partial_file->prefix() == 0);
  CHECK(begun.partial_file->commit().error().cause.find("0 bytes in place of 24") !=
        std::string::npos);
  fill(*begun.partial_file, text);
  REQUIRE(begun.partial_file->commit());
  CHECK_FALSE(exists(name));
  CHECK(must_begin(*store, file).present);
}

TEST_CASE("cache store: who holds the lock is left alone, unless it is told otherwise") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
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
  write(world.blob(file.etag() + ".incomplete"), text.substr(0, 9));
  {
    const auto fresh = world.store();
    const auto begun = must_begin(*fresh, file, false, true);
    REQUIRE(begun.partial_file);
    CHECK(begun.partial_file->prefix() == 9);  // copied: its writer may be at work
    CHECK(exists(world.blob(file.etag() + ".incomplete")));
    CHECK(exists(world.blob(file.etag() + ".hfaudit.incomplete")));
    fill(*begun.partial_file, text);
    REQUIRE(begun.partial_file->commit());
    // the lock is not ours: neither is this
    CHECK(exists(world.blob(file.etag() + ".incomplete")));
  }
  ::close(fd);
  CHECK(read(world.entry("w")) == text);
  CHECK(exists(lock));
}

TEST_CASE("cache store: two at once on one file: one waits, one works") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto one = world.store();
  const auto two = world.store();
  REQUIRE(one->prepare({{file}}));
  const auto first = must_begin(*one, file);
  REQUIRE(first.partial_file);
  CHECK_FALSE(must_begin(*two, file).partial_file);
  const auto despite = must_begin(*two, file, false, true);
  REQUIRE(despite.partial_file);
  CHECK(count(world.repo("blobs"), ".hfaudit.incomplete") == 2);
  fill(*first.partial_file, text);
  fill(*despite.partial_file, text);
  REQUIRE(first.partial_file->commit());
  REQUIRE(despite.partial_file->commit());
  CHECK(count(world.repo("blobs"), "") == 1);
  CHECK(read(world.entry("w")) == text);
}

TEST_CASE("cache store: locks of other clients count where they lie") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
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
  const auto file = lfs_file("w", 'a', text.size());
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
  const auto file = lfs_file("w", 'a', text.size());
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
  fill(*begun.partial_file, text);
  CHECK(begun.partial_file->commit());
  CHECK_FALSE(exists(world / "target"));
}

TEST_CASE("cache store: wrong content is set aside when the right one comes, not before") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const std::string wrong(text.size(), 'x');
  pull(*store, file, wrong);
  {
    const auto begun = must_begin(*store, file, true);
    REQUIRE(begun.partial_file);
    CHECK(read(world.entry("w")) == wrong);
  }
  CHECK(read(world.entry("w")) == wrong);
  pull(*store, file, text, true);
  CHECK(read(world.entry("w")) == text);
  CHECK(read(world.blob(file.etag() + ".hfaudit.wrong")) == wrong);
  CHECK(count(world.repo("blobs"), ".tmp") == 0);
}

TEST_CASE("cache store: a blob of the wrong size is none, and is kept as evidence") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  write(world.blob(file.etag()), "short");
  CHECK_FALSE(store->inspect(file)->present);
  pull(*store, file, text);
  CHECK(read(world.blob(file.etag() + ".hfaudit.wrong")) == "short");
}

TEST_CASE("cache store: a draft that is wrong for good is kept aside") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const auto begun = must_begin(*store, file);
  fill(*begun.partial_file, std::string(text.size(), 'x'));
  const auto path = begun.partial_file->reject();
  REQUIRE(path);
  CHECK(*path == world.blob(file.etag() + ".hfaudit.wrong"));
  CHECK(read(*path) == std::string(text.size(), 'x'));
  CHECK(count(world.repo("blobs"), "") == 1);
  CHECK_FALSE(store->inspect(file)->present);
}

TEST_CASE("cache store: an entry that is missing, leads elsewhere or is hidden is made right") {
  const CacheWorld world;
  const auto file = lfs_file("d/w", 'a', text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  pull(*store, file, text);
  const auto right = "../../../blobs/" + file.etag();
  SECTION("missing") {
    fs::remove(world.entry("d/w"));
  }
  SECTION("dangling") {
    fs::remove(world.entry("d/w"));
    fs::create_symlink("../../blobs/" + file.etag(), world.entry("d/w"));
  }
  SECTION("a .no_exist marker") {
    write(world.repo(".no_exist/" + test_commit + "/d/w"), "");
  }
  CHECK(store->inspect(file)->present);
  CHECK_FALSE(store->inspect(file)->linked);
  REQUIRE(store->link(file));
  CHECK(store->inspect(file)->linked);
  CHECK(fs::read_symlink(world.entry("d/w")) == right);
  CHECK_FALSE(exists(world.repo(".no_exist/" + test_commit + "/d/w")));
  CHECK(count(world.repo("blobs"), "") == 1);
}

TEST_CASE("cache store: without links the blob is moved to its entry") {
  const CacheWorld world;
  const auto store = world.store(false);
  const auto file = lfs_file("d/w", 'a', text.size());
  const auto same = lfs_file("d/same", 'a', text.size());
  const Tree tree{{same, file}};
  REQUIRE(store->prepare(tree));
  pull(*store, file, text);
  CHECK(fs::symlink_status(world.entry("d/w")).type() == fs::file_type::regular);
  CHECK(count(world.repo("blobs"), "") == 0);
  CHECK(store->inspect(file)->linked);
  CHECK((*store->open(file))->size() == text.size());
  SECTION("a wrong one is replaced, and kept") {
    pull(*store, file, std::string(text.size(), 'y'), true);
    CHECK(read(world.entry("d/w")) == std::string(text.size(), 'y'));
    CHECK(read(world.blob(file.etag() + ".hfaudit.wrong")) == text);
  }
  SECTION("a file of the same content is copied from that entry") {
    REQUIRE(store->link(same));
    CHECK(read(world.entry("d/same")) == text);
  }
  SECTION("a blob that was there is copied") {
    const auto other = lfs_file("other", 'b', text.size());
    write(world.blob(other.etag()), text);
    REQUIRE(store->link(other));
    CHECK(read(world.entry("other")) == text);
    CHECK(read(world.blob(other.etag())) == text);
    CHECK(mode(world.entry("other")) == 0644);
  }
}

TEST_CASE("cache store: a link into the shared store is present; a dangling one is replaced") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const std::string hash(64, 'd');
  fs::create_symlink("../../blobs/dd/" + hash, world.blob(file.etag()));
  CHECK_FALSE(store->inspect(file)->present);
  SECTION("healthy") {
    write(world.hub() + "/blobs/dd/" + hash, text);
    CHECK(store->inspect(file)->present);
    REQUIRE(store->link(file));
    CHECK(store->inspect(file)->linked);
    CHECK((*store->open(file))->size() == text.size());
    CHECK(fs::is_symlink(world.blob(file.etag())));
  }
  SECTION("dangling") {
    pull(*store, file, text);
    CHECK(fs::symlink_status(world.blob(file.etag())).type() == fs::file_type::regular);
  }
  SECTION("somebody's own link") {
    write(world / "elsewhere", text);
    fs::remove(world.blob(file.etag()));
    fs::create_symlink(world / "elsewhere", world.blob(file.etag()));
    CHECK_FALSE(store->inspect(file)->present);
    pull(*store, file, std::string(text.size(), 'y'));
    CHECK(read(world / "elsewhere") == text);
  }
}

TEST_CASE("cache store: folders that were moved are followed; other links are refused") {
  const CacheWorld world;
  const auto file = lfs_file("d/w", 'a', text.size());
  SECTION("a moved repo") {
    fs::create_directories(world / "big/repo");
    fs::create_directories(world.hub());
    fs::create_directory_symlink(world / "big/repo",
                                 world.repo("").substr(0, world.repo("").size() - 1));
    const auto store = world.store();
    REQUIRE(store->prepare({{file}}));
    pull(*store, file, text);
    CHECK(read(world / ("big/repo/snapshots/" + test_commit + "/d/w")) == text);
  }
  SECTION("moved snapshots: the link that works is made") {
    fs::create_directories(world / "far/away/snapshots");
    fs::create_directories(world.repo("blobs"));
    fs::create_directory_symlink(world / "far/away/snapshots", world.repo("snapshots"));
    const auto store = world.store();
    REQUIRE(store->prepare({{file}}));
    pull(*store, file, text);
    CHECK(read(world.entry("d/w")) == text);
  }
  SECTION("a link inside a snapshot") {
    fs::create_directories(world / "outside");
    fs::create_directories(world.entry(""));
    fs::create_directory_symlink(world / "outside", world.entry("d"));
    const auto store = world.store();
    REQUIRE(store->prepare({{file}}));
    const auto state = store->inspect(file);
    REQUIRE_FALSE(state);
    CHECK(state.error().cause == "a link is in the place of a folder");
    CHECK(state.error().subject.ends_with("/" + test_commit + "/d"));
    CHECK_FALSE(store->link(file));
    CHECK(count(world / "outside", "") == 0);
  }
  SECTION("links for refs and trees") {
    fs::create_directories(world / "outside");
    fs::create_directories(world.repo(""));
    const auto name = GENERATE("refs", "trees");
    fs::create_directory_symlink(world / "outside", world.repo(name));
    CHECK_FALSE(world.store()->prepare({{file}}));
    CHECK(count(world / "outside", "") == 0);
  }
  SECTION("a link for the ref itself is replaced") {
    write(world / "outside", "mine");
    fs::create_directories(world.repo("refs"));
    fs::create_symlink(world / "outside", world.repo("refs/main"));
    REQUIRE(world.store()->prepare({{file}}));
    CHECK(read(world / "outside") == "mine");
    CHECK(read(world.repo("refs/main")) == test_commit);
  }
}

TEST_CASE("cache store: many threads, each with its own files") {
  const CacheWorld world;
  const auto store = world.store();
  constexpr int threads = 4;
  constexpr int files = 5;
  const auto file_of = [](int thread, int number) {
    auto file =
        lfs_file("d" + std::to_string(number) + "/" + std::to_string(thread), 'a', text.size());
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
        const auto begun = store->begin(file, false, false);
        if (!begun || !begun->partial_file) continue;
        if (::pwrite(begun->partial_file->fd(), text.data(), text.size(), 0) < 0) continue;
        const auto state = begun->partial_file->commit();
        if (state && state->linked && store->inspect(file)->present) ++done;
      }
    });
  }
  for (auto& thread : crew)
    thread.join();
  CHECK(done == threads * files);
}

TEST_CASE("cache store: root does not follow other users' links") {
  if (::geteuid() != 0) return;
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  fs::create_directories(world / "outside");
  fs::create_directories(world.repo("blobs"));
  const auto link = world.repo("snapshots");
  fs::create_directory_symlink(world / "outside", link);
  REQUIRE(::lchown(link.c_str(), 12345, 12345) == 0);
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  CHECK(store->begin(file, false, false).error().cause ==
        "another user's link: root does not follow it");
  CHECK(count(world / "outside", "") == 0);
}

TEST_CASE("cache store: what may not be written to says so, and what is whole needs no writing") {
  if (::geteuid() == 0) return;
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  REQUIRE(world.store()->prepare({{file}}));
  pull(*world.store(), file, text);
  for (const auto& path :
       {world.hub(), world.repo(""), world.repo("blobs"), world.repo("refs"), world.repo("trees")})
    REQUIRE(::chmod(path.c_str(), 0555) == 0);
  const auto store = world.store();
  CHECK(store->prepare({{file}}));
  CHECK(store->inspect(file)->linked);
  CHECK(store->link(file));
  const auto begun = store->begin(lfs_file("v", 'b', 1), false, false);
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == EACCES);
  for (const auto& path :
       {world.hub(), world.repo(""), world.repo("blobs"), world.repo("refs"), world.repo("trees")})
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

TEST_CASE("cache store: a draft that was taken away is no blob") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const auto begun = must_begin(*store, file);
  fill(*begun.partial_file, text);
  const auto name = world.blob(file.etag() + ".hfaudit.incomplete");
  SECTION("gone") {
    fs::remove(name);
  }
  SECTION("another file in its place") {
    fs::remove(name);
    write(name, std::string(text.size(), 'x'));
  }
  SECTION("a link in its place") {
    fs::rename(name, world / "there");
    fs::create_symlink(world / "there", name);
  }
  SECTION("a second name") {
    fs::create_hard_link(name, world / "there");
  }
  const auto done = begun.partial_file->commit();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ENOENT);
  CHECK_FALSE(exists(world.blob(file.etag())));
}
