// Entries of a snapshot, and folders and links that lead elsewhere.

#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

TEST_CASE("cache store: an entry that is missing, leads elsewhere or is hidden is made right") {
  const CacheWorld world;
  const auto file = lfs_file("d/w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  pull(*store, file, file_text);
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
  const auto store = world.store({.symlinks = false});
  const auto file = lfs_file("d/w", 'a', file_text.size());
  const auto same = lfs_file("d/same", 'a', file_text.size());
  const Tree tree{{same, file}};
  REQUIRE(store->prepare(tree));
  pull(*store, file, file_text);
  CHECK(fs::symlink_status(world.entry("d/w")).type() == fs::file_type::regular);
  CHECK(count(world.repo("blobs"), "") == 0);
  CHECK(store->inspect(file)->linked);
  CHECK((*store->open(file))->size() == file_text.size());
  SECTION("a wrong one is replaced, and kept") {
    pull(*store, file, std::string(file_text.size(), 'y'), {.replace = true});
    CHECK(read(world.entry("d/w")) == std::string(file_text.size(), 'y'));
    CHECK(read(world.blob(file.etag() + ".hfaudit.wrong")) == file_text);
  }
  SECTION("a file of the same content is copied from that entry") {
    REQUIRE(store->link(same));
    CHECK(read(world.entry("d/same")) == file_text);
  }
  SECTION("a blob that was there is copied") {
    const auto other = lfs_file("other", 'b', file_text.size());
    write(world.blob(other.etag()), file_text);
    REQUIRE(store->link(other));
    CHECK(read(world.entry("other")) == file_text);
    CHECK(read(world.blob(other.etag())) == file_text);
    CHECK(mode(world.entry("other")) == 0644);
  }
}

TEST_CASE("cache store: a link into the shared store is present; a dangling one is replaced") {
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  const std::string hash(64, 'd');
  fs::create_symlink("../../blobs/dd/" + hash, world.blob(file.etag()));
  CHECK_FALSE(store->inspect(file)->present);
  SECTION("healthy") {
    write(world.hub() + "/blobs/dd/" + hash, file_text);
    CHECK(store->inspect(file)->present);
    REQUIRE(store->link(file));
    CHECK(store->inspect(file)->linked);
    CHECK((*store->open(file))->size() == file_text.size());
    CHECK(fs::is_symlink(world.blob(file.etag())));
  }
  SECTION("dangling") {
    pull(*store, file, file_text);
    CHECK(fs::symlink_status(world.blob(file.etag())).type() == fs::file_type::regular);
  }
  SECTION("somebody's own link") {
    write(world / "elsewhere", file_text);
    fs::remove(world.blob(file.etag()));
    fs::create_symlink(world / "elsewhere", world.blob(file.etag()));
    CHECK_FALSE(store->inspect(file)->present);
    pull(*store, file, std::string(file_text.size(), 'y'));
    CHECK(read(world / "elsewhere") == file_text);
  }
}

TEST_CASE("cache store: folders that were moved are followed; other links are refused") {
  const CacheWorld world;
  const auto file = lfs_file("d/w", 'a', file_text.size());
  SECTION("a moved repo") {
    fs::create_directories(world / "big/repo");
    fs::create_directories(world.hub());
    fs::create_directory_symlink(world / "big/repo",
                                 world.repo("").substr(0, world.repo("").size() - 1));
    const auto store = world.store();
    REQUIRE(store->prepare({{file}}));
    pull(*store, file, file_text);
    CHECK(read(world / ("big/repo/snapshots/" + test_commit + "/d/w")) == file_text);
  }
  SECTION("moved snapshots: the link that works is made") {
    fs::create_directories(world / "far/away/snapshots");
    fs::create_directories(world.repo("blobs"));
    fs::create_directory_symlink(world / "far/away/snapshots", world.repo("snapshots"));
    const auto store = world.store();
    REQUIRE(store->prepare({{file}}));
    pull(*store, file, file_text);
    CHECK(read(world.entry("d/w")) == file_text);
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

TEST_CASE("cache store: root does not follow other users' links") {
  if (::geteuid() != 0) return;
  const CacheWorld world;
  const auto file = lfs_file("w", 'a', file_text.size());
  fs::create_directories(world / "outside");
  fs::create_directories(world.repo("blobs"));
  const auto link = world.repo("snapshots");
  fs::create_directory_symlink(world / "outside", link);
  REQUIRE(::lchown(link.c_str(), 12345, 12345) == 0);
  const auto store = world.store();
  REQUIRE(store->prepare({{file}}));
  CHECK(store->begin(file, {}).error().cause == "another user's link: root does not follow it");
  CHECK(count(world / "outside", "") == 0);
}
