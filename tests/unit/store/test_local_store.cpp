// What a --local-dir looks like after a download.
#include <sys/file.h>

#include <algorithm>

#include "listings/listings.hpp"
#include "os/unix_time.hpp"
#include "store/local_repo_store.hpp"
#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

const TreeFile wanted_file = lfs_file("onnx/model.bin", 'a', file_text.size());
// base64.urlsafe_b64encode(hashlib.sha1(b"model.bin.metadata").digest())
const std::string stem = "onnx/mBG94Lz8EYH5gU8b5axgj2RF9Tk=." + wanted_file.etag();

FileState pull_local(Store& store, std::string_view content, BeginOptions options = {}) {
  return test::pull(store, wanted_file, content, options);
}

std::string metadata(const std::string& etag, double age_s) {
  return test_commit + "\n" + etag + "\n" + std::to_string(precise_unix_time_s() - age_s) + "\n";
}

}  // namespace

TEST_CASE("local store: a name's hash is the client's") {
  CHECK(*short_hash("config.json.metadata") == "8_PA_wEVGiVa2goH2H4KQOQpvVY=");
}

TEST_CASE("local store: a download leaves what the clients leave") {
  const auto mask = GENERATE(022U, 077U);
  const LocalWorld world(mask);
  const auto store = world.store();
  REQUIRE(store->prepare({{wanted_file}}));
  {
    const auto begun = must_begin(*store, wanted_file);
    CHECK(exists(world.notes(stem + ".hfaudit.incomplete")));
    CHECK(exists(world.notes("onnx/model.bin.lock")));
    CHECK_FALSE(exists(world.at("onnx")));
  }
  const auto state = pull_local(*store, file_text);
  CHECK(read(world.at("onnx/model.bin")) == file_text);
  CHECK(state.key.inode == inode(world.at("onnx/model.bin")));
  CHECK(mode(world.at("onnx/model.bin")) == (0666U & ~mask));
  CHECK(mode(world.at("onnx")) == (0777U & ~mask));
  const auto notes = read(world.notes("onnx/model.bin.metadata"));
  const auto parsed = parse_local_metadata(notes);
  REQUIRE(parsed);
  CHECK(parsed->commit == test_commit);
  CHECK(parsed->etag == wanted_file.etag());
  CHECK(parsed->timestamp >= static_cast<double>(state.mtime_ns) / 1e9);
  CHECK(std::count(notes.begin(), notes.end(), '\n') == 3);
  CHECK(read(world.at(".cache/huggingface/.gitignore")) == "*");
  CHECK(read(world.at(".cache/huggingface/CACHEDIR.TAG"))
            .starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
  CHECK(read(world.at(".cache/huggingface/trees/" + test_commit + ".json"))
            .starts_with("{\n \"format_version\": 1,"));
  CHECK(count(world.notes("onnx"), "") == 2);
  CHECK(must_begin(*store, wanted_file).present);
}

TEST_CASE("local store: partials of every client version go on as ours") {
  const LocalWorld world;
  const auto name = GENERATE_COPY(values<std::string>(
      {".cache/huggingface/download/" + stem + ".incomplete",
       ".cache/huggingface/download/" + stem + ".0123abcd.incomplete",
       ".cache/huggingface/download/" + stem + ".0123abcd.hfaudit.incomplete",
       ".cache/huggingface/download/onnx/model.bin." + wanted_file.etag() + ".incomplete",
       ".huggingface/download/onnx/model.bin." + wanted_file.etag() + ".incomplete"}));
  INFO(name);
  write(world.at(name), file_text.substr(0, 7));
  CHECK(world.store()->inspect(wanted_file)->prefix == 7);
  const auto store = world.store();
  REQUIRE(store->prepare({{wanted_file}}));
  const auto begun = must_begin(*store, wanted_file);
  REQUIRE(begun.partial_file);
  CHECK(begun.partial_file->prefix() == 7);
  CHECK_FALSE(exists(world.at(name)));
  CHECK(read(world.notes(stem + ".hfaudit.incomplete")) == file_text.substr(0, 7));
}

TEST_CASE("local store: what counts as present") {
  const LocalWorld world;
  write(world.at(wanted_file.path), file_text);
  const auto notes = world.notes("onnx/model.bin.metadata");
  SECTION("a file without notes, to be hashed") {
    CHECK(world.store()->inspect(wanted_file)->present);
    CHECK_FALSE(world.store()->inspect(wanted_file)->linked);
    REQUIRE(world.store()->link(wanted_file));
    CHECK(world.store()->inspect(wanted_file)->linked);
  }
  SECTION("noted as it is") {
    write(notes, metadata(wanted_file.etag(), 0));
    CHECK(world.store()->inspect(wanted_file)->linked);
  }
  SECTION("noted, and changed since") {
    write(notes, metadata(std::string(64, 'f'), 100));
    CHECK(world.store()->inspect(wanted_file)->present);
    CHECK_FALSE(world.store()->inspect(wanted_file)->linked);
  }
  SECTION("another version") {
    write(notes, metadata(std::string(64, 'f'), 0));
    CHECK_FALSE(world.store()->inspect(wanted_file)->present);
  }
  SECTION("of an older commit") {
    write(notes, std::string(40, '1') + metadata(wanted_file.etag(), 0).substr(40));
    CHECK(world.store()->inspect(wanted_file)->present);
    CHECK_FALSE(world.store()->inspect(wanted_file)->linked);
  }
  SECTION("not finished by aria2") {
    write(world.at(wanted_file.path + ".aria2"), "");
    CHECK_FALSE(world.store()->inspect(wanted_file)->present);
  }
  SECTION("a link") {
    fs::rename(world.at(wanted_file.path), world / "elsewhere");
    fs::create_symlink(world / "elsewhere", world.at(wanted_file.path));
    CHECK(world.store()->inspect(wanted_file)->present);
    CHECK((*world.store()->open(wanted_file))->size() == file_text.size());
    pull_local(*world.store(), std::string(file_text.size(), 'y'), {.replace = true});
    CHECK(read(world / "elsewhere") == file_text);
    CHECK_FALSE(fs::is_symlink(world.at(wanted_file.path)));
  }
}

TEST_CASE("local store: a user's own file is kept aside, an older version makes way") {
  const LocalWorld world;
  write(world.at(wanted_file.path), "edited");
  const auto notes = world.notes("onnx/model.bin.metadata");
  bool kept = true;
  SECTION("without notes") {}
  SECTION("changed since") {
    write(notes, metadata(wanted_file.etag(), 100));
  }
  SECTION("an older version") {
    write(notes, metadata(std::string(64, 'f'), 0));
    kept = false;
  }
  pull_local(*world.store(), file_text);
  CHECK(read(world.at(wanted_file.path)) == file_text);
  CHECK(exists(world.notes(stem + ".hfaudit.wrong")) == kept);
}

TEST_CASE("local store: locks, and links in the way") {
  const LocalWorld world;
  const auto store = world.store();
  REQUIRE(store->prepare({{wanted_file}}));
  SECTION("the client's lock") {
    write(world.notes("onnx/model.bin.lock"), "");
    const int fd = ::open(world.notes("onnx/model.bin.lock").c_str(), O_RDWR);
    REQUIRE(::flock(fd, LOCK_EX) == 0);
    CHECK_FALSE(must_begin(*store, wanted_file).partial_file);
    CHECK(must_begin(*store, wanted_file, {.despite_lock = true}).partial_file);
    ::close(fd);
  }
  SECTION("a link for the file's folder") {
    fs::create_directories(world / "outside");
    fs::create_directory_symlink(world / "outside", world.at("onnx"));
    CHECK(store->inspect(wanted_file).error().cause == "a link is in the place of a folder");
    CHECK_FALSE(store->begin(wanted_file, {}));
    CHECK(count(world / "outside", "") == 0);
  }
  SECTION("a link for the notes' folder") {
    fs::create_directories(world / "outside");
    fs::create_directory_symlink(world / "outside", world.at(".cache/huggingface/download"));
    CHECK_FALSE(store->begin(wanted_file, {}));
    CHECK(count(world / "outside", "") == 0);
  }
}

TEST_CASE("local store: a name as long as names can be") {
  const LocalWorld world;
  const auto store = world.store();
  auto longest = lfs_file(std::string(246, 'n'), 'b', file_text.size());
  REQUIRE(store->prepare({{longest}}));
  const auto begun = must_begin(*store, longest);
  REQUIRE(begun.partial_file);
  fill(*begun.partial_file, file_text);
  CHECK(begun.partial_file->commit());
}

TEST_CASE("local store: thousands of folders take no thousands of descriptors") {
  const LocalWorld world;
  const auto store = world.store();
  REQUIRE(store->prepare({}));
  for (int i = 0; i < 200; ++i)
    REQUIRE(must_begin(*store, lfs_file("d" + std::to_string(i) + "/f", 'c', 1)).partial_file);
  const auto open_now =
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  CHECK(open_now < 100);
}

TEST_CASE("local store: wrong content is kept aside") {
  const LocalWorld world;
  const auto store = world.store();
  const auto begun = must_begin(*store, wanted_file);
  fill(*begun.partial_file, file_text);
  const auto path = begun.partial_file->reject();
  REQUIRE(path);
  CHECK(*path == world.notes(stem + ".hfaudit.wrong"));
  CHECK(read(*path) == file_text);
}
