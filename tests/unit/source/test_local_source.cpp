// Which files of a source may hold a content, and which of them are never opened.
#include "source/local_source.hpp"

#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

const std::string text = "weights";
const RepoId six{RepoType::model, "acme/six"};

TreeFile weights() {
  TreeFile file;
  file.path = "a/model.bin";
  file.size = text.size();
  file.lfs_sha256 = std::string(64, 'a');
  file.xet_hash = "cd" + std::string(62, 'e');
  return file;
}

struct SourceWorld {
  Scratch scratch;
  std::string hub = scratch / "hub";
  std::string repo = hub + "/models--acme--six";

  SourceWorld() { fs::create_directories(repo + "/blobs"); }

  [[nodiscard]] std::vector<std::string> found(
      std::shared_ptr<const os::CacheUser> recipient = {}) const {
    const auto source = LocalSource::open(hub, std::move(recipient));
    REQUIRE(source);
    std::vector<std::string> names;
    std::vector<FileKey> tried;
    const bool taken = (*source)->offer_content(
        six, test_commit, weights(), tried, [&](const std::unique_ptr<os::File>& file) {
          std::string content(file->size(), '\0');
          REQUIRE(file->read_at(0, content) == file->size());
          names.push_back(content);
          return false;
        });
    CHECK_FALSE(taken);
    return names;
  }
};

}  // namespace

TEST_CASE("local source: blobs, payloads, entries and other repos, in this order, each once") {
  const SourceWorld world;
  const auto etag = weights().etag();
  CHECK(world.found().empty());
  write(world.repo + "/blobs/" + etag, "blob-01");
  write(world.hub + "/blobs/cd/" + weights().xet_hash.str(), "payload");
  write(world.repo + "/snapshots/" + test_commit + "/a/model.bin", "entry-1");
  write(world.repo + "/snapshots/0000/a/model.bin", "entry-0");
  write(world.hub + "/datasets--x--y/blobs/" + etag, "other-1");
  write(world.hub + "/models--b--c/blobs/" + etag, "too long by far");
  fs::create_directories(world.hub + "/models--d--e/blobs");
  fs::create_symlink("../../blobs/cd/" + weights().xet_hash.str(),
                     world.hub + "/models--d--e/blobs/" + etag);
  CHECK(world.found() ==
        std::vector<std::string>{"blob-01", "payload", "entry-1", "entry-0", "other-1"});
}

TEST_CASE("local source: no link is followed but a client's own") {
  const SourceWorld world;
  const auto etag = weights().etag();
  write(world.scratch / "outside", text);
  fs::create_symlink(world.scratch / "outside", world.repo + "/blobs/" + etag);
  fs::create_directories(world.repo + "/snapshots/" + test_commit + "/a");
  fs::create_symlink(world.scratch / "outside",
                     world.repo + "/snapshots/" + test_commit + "/a/model.bin");
  CHECK(world.found().empty());
  fs::create_directories(world.scratch / "far/a");
  write(world.scratch / "far/a/model.bin", text);
  fs::create_directory_symlink(world.scratch / "far", world.repo + "/snapshots/0000");
  CHECK(world.found().empty());
}

TEST_CASE("local source: a link is looked up by the blob that it names") {
  const SourceWorld world;
  const std::string other(64, 'b');
  write(world.repo + "/blobs/" + other, text);
  fs::create_directories(world.repo + "/snapshots/" + test_commit + "/a");
  fs::create_symlink("/old/home/blobs/" + other,
                     world.repo + "/snapshots/" + test_commit + "/a/model.bin");
  CHECK(world.found() == std::vector<std::string>{text});
}

TEST_CASE("local source: root passes on nothing that the user could not read") {
  const SourceWorld world;
  const auto blob = world.repo + "/blobs/" + weights().etag();
  write(blob, text);
  const auto user = [](std::uint32_t uid, std::uint32_t gid) {
    return std::make_shared<const os::CacheUser>(uid, gid);
  };
  const std::uint32_t other = 54321, group = 54322;
  CHECK(world.found(user(other, group)).size() == 1);
  REQUIRE(::chmod(blob.c_str(), 0640) == 0);
  CHECK(world.found(user(other, group)).empty());
  CHECK(world.found(user(::geteuid(), group)).size() == 1);
  // a folder that root gave away keeps group root
  CHECK(world.found(user(other, ::getegid())).size() == (::getegid() == 0 ? 0 : 1));
  if (::geteuid() != 0) return;
  REQUIRE(::chown(blob.c_str(), 0, group) == 0);
  CHECK(world.found(user(other, group)).size() == 1);
  CHECK(world.found(user(other, group + 1)).empty());
}

TEST_CASE("local source: a home, a hub, and a --local-dir are told apart") {
  const SourceWorld world;
  write(world.repo + "/blobs/" + weights().etag(), text);
  write(world.scratch / "dir/a/model.bin", text);
  std::vector<FileKey> tried;
  for (const auto& path : {world.hub, world.scratch.path(), world.scratch / "dir"}) {
    CAPTURE(path);
    tried.clear();
    const auto source = LocalSource::open(path, {});
    REQUIRE(source);
    CHECK((*source)->offer_content(six, test_commit, weights(), tried,
                                   [](const std::unique_ptr<os::File>&) { return true; }));
  }
  CHECK_FALSE(LocalSource::open(world.scratch / "nowhere", {}));
}
