// What a hub cache looks like after a download, byte for byte where clients care.

#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

TEST_CASE("cache store: a download from nothing leaves what the clients leave") {
  const CacheWorld world;
  const auto store = world.store();
  auto config = git_file("config.json", 'a', file_text.size());
  auto deep = lfs_file("onnx/fp16/w\xc3\xa4ights.bin", 'b', file_text.size());
  deep.xet_hash = std::string(64, 'c');

  REQUIRE(store->prepare({{config, deep}}));
  CHECK_FALSE(store->inspect(config)->present);
  CHECK_FALSE(exists(world.repo("snapshots")));  // not before there is something to put into it
  pull(*store, config, file_text);
  pull(*store, deep, file_text);

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
  CHECK(read(world.entry(deep.path)) == file_text);
  CHECK(count(world.repo("blobs"), "") == 2);
  CHECK(mode(world.hub() + "/.locks/models--acme--six/" + config.blob_id.str() + ".lock") == 0664);
  CHECK(read(world.hub() + "/.locks/models--acme--six/" + config.blob_id.str() + ".lock").empty());

  const auto state = store->inspect(deep);
  REQUIRE(state);
  CHECK(state->present);
  CHECK(state->linked);
  CHECK(state->key.inode == inode(world.blob(deep.lfs_sha256)));
  CHECK((*store->open(deep))->size() == file_text.size());
}

TEST_CASE("cache store: modes are those of the umask") {
  const auto mask = GENERATE(022U, 077U, 002U);
  const CacheWorld world(mask);
  const auto store = world.store();
  const auto file = lfs_file("a/b", 'a', file_text.size());
  REQUIRE(store->prepare({{file}}));
  write(world.blob(file.etag() + ".incomplete"), file_text.substr(0, 5));
  fs::permissions(world.blob(file.etag() + ".incomplete"),
                  fs::perms::owner_read | fs::perms::owner_write);
  pull(*store, file, file_text);
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
  REQUIRE(world.store({}, "refs/pr/1")->prepare({}));
  CHECK(read(world.repo("refs/refs/pr/1")) == test_commit);
  REQUIRE(world.store({}, test_commit)->prepare({}));
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
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto name = world.blob(file.etag() + ".hfaudit.incomplete");
  REQUIRE(world.store()->prepare({{file}}));
  (void)must_begin(*world.store(), file);
  CHECK_FALSE(exists(name));
  {
    const auto begun = must_begin(*world.store(), file);
    CHECK(begun.partial_file->prefix() == 0);
    REQUIRE(::pwrite(begun.partial_file->fd(), file_text.data(), 7, 0) == 7);
  }
  CHECK(read(name) == file_text.substr(0, 7));
  CHECK(world.store()->inspect(file)->prefix == 7);
  const auto store = world.store();
  const auto begun = must_begin(*store, file);
  CHECK(begun.partial_file->prefix() == 7);
  REQUIRE(begun.partial_file->restart());
  CHECK(begun.partial_file->prefix() == 0);
  CHECK(begun.partial_file->commit().error().cause.find("0 bytes in place of 24") !=
        std::string::npos);
  fill(*begun.partial_file, file_text);
  REQUIRE(begun.partial_file->commit());
  CHECK_FALSE(exists(name));
  CHECK(must_begin(*store, file).present);
}

TEST_CASE("cache store: wrong content is set aside when the right one comes, not before") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const std::string wrong(file_text.size(), 'x');
  pull(*store, file, wrong);
  {
    const auto begun = must_begin(*store, file, {.replace = true});
    REQUIRE(begun.partial_file);
    CHECK(read(world.entry("w")) == wrong);
  }
  CHECK(read(world.entry("w")) == wrong);
  pull(*store, file, file_text, {.replace = true});
  CHECK(read(world.entry("w")) == file_text);
  CHECK(read(world.blob(file.etag() + ".hfaudit.wrong")) == wrong);
  CHECK(count(world.repo("blobs"), ".tmp") == 0);
}

TEST_CASE("cache store: a blob of the wrong size is none, and is kept as evidence") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  write(world.blob(file.etag()), "short");
  CHECK_FALSE(store->inspect(file)->present);
  pull(*store, file, file_text);
  CHECK(read(world.blob(file.etag() + ".hfaudit.wrong")) == "short");
}

TEST_CASE("cache store: a draft that is wrong for good is kept aside") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const auto begun = must_begin(*store, file);
  fill(*begun.partial_file, std::string(file_text.size(), 'x'));
  const auto path = begun.partial_file->reject();
  REQUIRE(path);
  CHECK(*path == world.blob(file.etag() + ".hfaudit.wrong"));
  CHECK(read(*path) == std::string(file_text.size(), 'x'));
  CHECK(count(world.repo("blobs"), "") == 1);
  CHECK_FALSE(store->inspect(file)->present);
}

TEST_CASE("cache store: what may not be written to says so, and what is whole needs no writing") {
  if (::geteuid() == 0) return;
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  REQUIRE(world.store()->prepare({{file}}));
  pull(*world.store(), file, file_text);
  for (const auto& path :
       {world.hub(), world.repo(""), world.repo("blobs"), world.repo("refs"), world.repo("trees")})
    REQUIRE(::chmod(path.c_str(), 0555) == 0);
  const auto store = world.store();
  CHECK(store->prepare({{file}}));
  CHECK(store->inspect(file)->linked);
  CHECK(store->link(file));
  const auto begun = store->begin(lfs_file("v", 'b', 1), {});
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == EACCES);
  for (const auto& path :
       {world.hub(), world.repo(""), world.repo("blobs"), world.repo("refs"), world.repo("trees")})
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

TEST_CASE("cache store: a draft that was taken away is no blob") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const auto begun = must_begin(*store, file);
  fill(*begun.partial_file, file_text);
  const auto name = world.blob(file.etag() + ".hfaudit.incomplete");
  SECTION("gone") {
    fs::remove(name);
  }
  SECTION("another file in its place") {
    fs::remove(name);
    write(name, std::string(file_text.size(), 'x'));
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
