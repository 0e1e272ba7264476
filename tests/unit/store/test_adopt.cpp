// What is taken over of what earlier downloads left, and how.
#include <sys/file.h>

#include <random>

#include "listings/chunk_state.hpp"
#include "reading.hpp"
#include "store/adopt.hpp"
#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

constexpr std::size_t page = 4096;

std::string noise(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string bytes(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>((random() >> 24U) | 1U);
  return bytes;
}

const std::string content = noise(10 * page + 17);
const TreeFile file = lfs_file("model.safetensors", 'a', content.size());

std::string eight_bytes(std::uint64_t value) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i)
    bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return bytes;
}

std::string state_text(const std::string& chunks, std::uint64_t size = content.size()) {
  return R"({"schema_version":1,"etag":")" + file.etag() + R"(","total_size":)" +
         std::to_string(size) + R"(,"connections":2,"chunks":[)" + chunks + "]}";
}

// A file of `size` bytes with holes where nothing is put.
void write_with_hole(const std::string& path, std::string_view head, std::uint64_t tail_at,
                     std::string_view tail, std::uint64_t size) {
  write(path, head);
  fs::resize_file(path, size);
  const int fd = ::open(path.c_str(), O_WRONLY);
  REQUIRE(::pwrite(fd, tail.data(), tail.size(), static_cast<off_t>(tail_at)) ==
          static_cast<ssize_t>(tail.size()));
  ::close(fd);
}

std::uint64_t prefix_of(const CacheWorld& world) {
  const auto state = world.store()->inspect(file);
  REQUIRE(state);
  const auto store = world.store();
  const auto begun = must_begin(*store, file);
  REQUIRE(begun.partial_file);
  CHECK(begun.partial_file->prefix() == state->prefix);  // inspect() promises what begin() holds
  struct stat status{};
  REQUIRE(::fstat(begun.partial_file->fd(), &status) == 0);
  CHECK(static_cast<std::uint64_t>(status.st_size) == begun.partial_file->prefix());
  CHECK(status.st_nlink == 1);
  std::string bytes(static_cast<std::size_t>(begun.partial_file->prefix()), '\0');
  REQUIRE(::pread(begun.partial_file->fd(), bytes.data(), bytes.size(), 0) ==
          static_cast<ssize_t>(bytes.size()));
  CHECK(bytes == content.substr(0, bytes.size()));
  return begun.partial_file->prefix();
}

struct Made {
  CacheWorld world;
  std::string stem = world.blob(file.etag());
  Made() { fs::create_directories(world.repo("blobs")); }
};

}  // namespace

TEST_CASE("adopt: a partial of any client goes on as ours") {
  Made made;
  const auto half = content.substr(0, 5000);
  const std::string suffix =
      GENERATE(".incomplete", ".0123abcd.incomplete", ".part", ".downloadInProgress",
               ".0123abcd.hfaudit.incomplete", ".hfaudit.incomplete");
  INFO(suffix);
  write(made.stem + suffix, half);
  const auto was = inode(made.stem + suffix);
  CHECK(prefix_of(made.world) == 5000);
  CHECK(inode(made.stem + ".hfaudit.incomplete") == was);  // by rename
  CHECK(count(made.world.repo("blobs"), "") == 1);
}

TEST_CASE("adopt: hf-hub says in the last eight bytes how far it is") {
  Made made;
  const auto name = made.stem + ".sync.part";
  SECTION("half of it") {
    write(name, content + eight_bytes(5000));
    CHECK(prefix_of(made.world) == 5000);
  }
  SECTION("more than there can be") {
    write(name, content + eight_bytes(1ULL << 60U));
    CHECK(prefix_of(made.world) == content.size());
  }
  SECTION("cut to its length already") {
    write(name, content);
    CHECK(prefix_of(made.world) == content.size());
  }
  SECTION("something else") {
    write(name, content.substr(0, 5000));
    CHECK(prefix_of(made.world) == 0);
    CHECK(exists(name));
  }
}

TEST_CASE("adopt: hf-fetch-model says in its notes how far each piece is") {
  Made made;
  const auto name = made.stem + ".chunked.part";
  write_with_hole(name, content.substr(0, 3 * page), 6 * page, content.substr(6 * page),
                  content.size());
  SECTION("one whole, one begun") {
    write(name + ".state", state_text(R"({"idx":1,"start":8192,"end":20479,"completed":100},
                                         {"idx":0,"start":0,"end":8191,"completed":8192})"));
    CHECK(prefix_of(made.world) == 8292);
    CHECK_FALSE(exists(name + ".state"));
  }
  SECTION("the first is not whole") {
    write(name + ".state", state_text(R"({"idx":0,"start":0,"end":8191,"completed":17},
                                         {"idx":1,"start":8192,"end":20479,"completed":12288})"));
    CHECK(prefix_of(made.world) == 17);
  }
  SECTION("notes that claim what is a hole") {
    write(name + ".state", state_text(R"({"idx":0,"start":0,"end":20479,"completed":20480})"));
    CHECK(prefix_of(made.world) == 3 * page);
  }
  SECTION("of another file, or none") {
    if (GENERATE(false, true))
      write(name + ".state", state_text(R"({"start":0,"end":99,"completed":100})", 9));
    CHECK(prefix_of(made.world) == 0);
    CHECK(exists(name));
  }
}

TEST_CASE("adopt: notes on chunks that make no sense are worth nothing, or no more than they say") {
  const auto of = [](const std::string& text) {
    auto source = memory(text);
    return contiguous_bytes(source, file.etag(), content.size());
  };
  CHECK(of("") == 0);
  CHECK(of("[]") == 0);
  CHECK(of("{\"chunks\":[1,2]}") == 0);
  CHECK(of(state_text("")) == 0);
  CHECK(of(state_text(R"({"start":5,"end":9,"completed":5})")) == 0);
  CHECK(of(state_text(
            R"({"start":0,"end":9,"completed":10},{"start":12,"end":19,"completed":8})")) == 10);
  CHECK(of(state_text(R"({"start":0,"end":18446744073709551615,"completed":10})")) == 0);
  CHECK(of(state_text(
            R"({"start":0,"end":9,"completed":99},{"start":5,"end":19,"completed":8})")) == 10);
  CHECK(of(state_text(R"({"start":0,"end":9,"completed":-1})")) == 0);
}

TEST_CASE("adopt: up to the first hole, and no pages of zeros") {
  Made made;
  const auto name = made.stem + ".incomplete";
  SECTION("a hole") {
    write_with_hole(name, content.substr(0, 2 * page), 6 * page, content.substr(6 * page),
                    content.size());
    CHECK(prefix_of(made.world) == 2 * page);
  }
  SECTION("zeros at the end") {
    write(name, content.substr(0, 2 * page + 10) + std::string(5 * page, '\0'));
    CHECK(made.world.store()->inspect(file)->prefix == 3 * page);
  }
  SECTION("nothing but zeros") {
    write(name, std::string(5 * page, '\0'));
    CHECK(prefix_of(made.world) == 0);
  }
  SECTION("ours are what was received, zeros or not") {
    write(made.stem + ".hfaudit.incomplete", std::string(5 * page, '\0'));
    CHECK(made.world.store()->inspect(file)->prefix == 5 * page);
  }
}

TEST_CASE("adopt: of several the longest; more than the file has is cut off") {
  Made made;
  write(made.stem + ".hfaudit.incomplete", content.substr(0, 100));
  write(made.stem + ".part", content.substr(0, 200));
  write(made.stem + ".incomplete", content + "too much");
  CHECK(prefix_of(made.world) == content.size());
  CHECK(exists(made.stem + ".part"));
  CHECK_FALSE(exists(made.stem + ".incomplete"));
}

TEST_CASE("adopt: what somebody may have open is copied, and stays") {
  Made made;
  const auto name = made.stem + ".incomplete";
  write(name, content.substr(0, 5000));
  const auto was = inode(name);
  int fd = -1;
  SECTION("open for writing") {
    fd = ::open(name.c_str(), O_WRONLY);
  }
  SECTION("open for reading") {
    fd = ::open(name.c_str(), O_RDONLY);
  }
  SECTION("locked") {
    fd = ::open(name.c_str(), O_RDONLY);
    REQUIRE(::flock(fd, LOCK_EX) == 0);
  }
  SECTION("another user's") {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(name.c_str(), 12345, 12345) == 0);
  }
  SECTION("a second name elsewhere") {
    fs::create_hard_link(name, made.world / "mine");
  }
  CHECK(prefix_of(made.world) == 5000);
  CHECK(inode(name) == was);
  CHECK(inode(made.stem + ".hfaudit.incomplete") != was);
  CHECK(fs::file_size(name) == 5000);
  if (fd >= 0) ::close(fd);
}

TEST_CASE("adopt: a link is no partial, and never written through") {
  Made made;
  write(made.world / "outside", content.substr(0, 5000));
  const auto suffix = GENERATE(".incomplete", ".hfaudit.incomplete");
  fs::create_symlink(made.world / "outside", made.stem + suffix);
  {
    const auto store = made.world.store();
    const auto begun = must_begin(*store, file);
    REQUIRE(begun.partial_file);
    CHECK(begun.partial_file->prefix() == 0);
    fill(*begun.partial_file, content);
    REQUIRE(begun.partial_file->commit());
  }
  CHECK(read(made.world / "outside") == content.substr(0, 5000));
  CHECK(fs::is_symlink(made.stem + suffix));
  CHECK(read(made.world.entry(file.path)) == content);
}

TEST_CASE("adopt: a draft of ours with a second name, or of another user, is not written to") {
  Made made;
  const auto name = made.stem + ".hfaudit.incomplete";
  write(name, content.substr(0, 5000));
  SECTION("a second name") {
    fs::create_hard_link(name, made.world / "mine");
  }
  SECTION("another user's") {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(name.c_str(), 12345, 12345) == 0);
  }
  const auto was = inode(name);
  const auto store = made.world.store();
  const auto begun = must_begin(*store, file);
  REQUIRE(begun.partial_file);
  CHECK(begun.partial_file->prefix() == 5000);
  fill(*begun.partial_file, content);
  REQUIRE(begun.partial_file->commit());
  CHECK(inode(made.stem) != was);
  CHECK(read(made.world.entry(file.path)) == content);
  if (exists(made.world / "mine")) CHECK(read(made.world / "mine") == content.substr(0, 5000));
}

TEST_CASE("adopt: what is worth nothing once the blob is there goes; what others have open stays") {
  Made made;
  write(made.stem + ".incomplete", content.substr(0, 5000));
  write(made.stem + ".0123abcd.incomplete", content.substr(0, 100));
  write(made.stem + ".chunked.part", content.substr(0, 100));
  write(made.stem + ".chunked.part.state", state_text(""));
  write(made.stem + ".part", content.substr(0, 100));
  write(made.world.blob(std::string(64, 'b') + ".incomplete"), "of another file");
  const int fd = ::open((made.stem + ".part").c_str(), O_WRONLY);
  const auto store = made.world.store();
  const auto begun = must_begin(*store, file);
  fill(*begun.partial_file, content);
  REQUIRE(begun.partial_file->commit());
  ::close(fd);
  CHECK(exists(made.stem + ".part"));
  CHECK(exists(made.world.blob(std::string(64, 'b') + ".incomplete")));
  CHECK(count(made.world.repo("blobs"), "") == 3);
}
