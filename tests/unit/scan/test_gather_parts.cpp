// Parts that are absent from between their siblings, or after them.
#include <algorithm>

#include "os/fs.hpp"
#include "scan/gather_named.hpp"
#include "store_world.hpp"

using namespace hfaudit;
using namespace hfaudit::test;

namespace {

class PartsWorld {
 public:
  void add(const std::string& path, std::string_view bytes) {
    write(scratch_ / path, bytes);
    Entry entry;
    entry.path = path;
    entry.exists = true;
    entry.kind = EntryKind::copy;
    entry.meta.type = FileType::regular;
    entry.meta.size = bytes.size();
    revision_.entries.push_back(entry);
    std::sort(revision_.entries.begin(), revision_.entries.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
  }
  // "a.part2 b.part3"; those that are only listed in brackets.
  [[nodiscard]] std::string missing(PartsOf whole = PartsOf::model) {
    const auto folder = os::Directory::open_root(scratch_.path());
    REQUIRE(folder);
    std::vector<Named> named;
    opened = 0;
    find_missing_parts(revision_, named, whole, [&](Entry& entry) -> std::unique_ptr<os::File> {
      ++opened;
      auto file = folder->open_file(entry.path);
      return file ? std::move(*file) : nullptr;
    });
    count = named.size();
    std::string text;
    for (const auto& one : named) {
      const bool listed = one.kind == NamedKind::listed;
      text +=
          (text.empty() ? "" : " ") + (listed ? "[" + one.paths.front() + "]" : one.paths.front());
    }
    return text;
  }

  std::size_t opened = 0, count = 0;

 private:
  Scratch scratch_;
  Revision revision_;
};

constexpr std::string_view rar_mark = "Rar!\x1A\x07 more of it", zip_mark = "PK\7\10 more";

}  // namespace

TEST_CASE("names alone promise a bounded number of parts") {
  PartsWorld world;
  for (int i = 0; i < 30; ++i)
    world.add("a" + std::to_string(i) + ".zip.part2000", "x");
  (void)world.missing();
  CHECK(world.count == 20'000);
}

TEST_CASE("volumes are known by the mark of their format") {
  PartsWorld world;
  world.add("net.r01", "x");
  world.add("net.z01", "x");
  CHECK(world.missing().empty());
  PartsWorld volumes;
  volumes.add("a.r01", rar_mark);
  volumes.add("b.z01", zip_mark);
  CHECK(volumes.missing() == "a.r00 a.rar b.zip");
}

TEST_CASE("no volume is missed after .r99, whose next one is .s00") {
  // the end of an archive before RAR 5, another volume follows
  const std::string more = std::string(rar_mark) + std::string("\0\0\x7B\1\0\7\0", 7);
  PartsWorld world;
  world.add("a.rar", rar_mark);
  for (int i = 0; i < 100; ++i)
    world.add(std::string("a.r") + (i < 10 ? "0" : "") + std::to_string(i), more);
  CHECK(world.missing().empty());
  PartsWorld few;
  few.add("a.rar", rar_mark);
  few.add("a.r00", more);
  CHECK(few.missing() == "a.r01");
}

TEST_CASE("a last piece that is shorter than the end record is not judged") {
  PartsWorld world;
  world.add("a.zip.001", "PK\3\4 and more");
  world.add("a.zip.002", "\1\2\3");
  world.add("b.tar.xz.aa", std::string("\xFD"
                                       "7zXZ\0",
                                       6));
  world.add("b.tar.xz.ab", "Z");
  CHECK(world.missing().empty());
  world.add("c.zip.001", "PK\3\4 and more");
  world.add("c.zip.002", std::string(30, 'x'));
  CHECK(world.missing() == "c.zip.003");
}

TEST_CASE("pieces of formats that say nothing of their end stay closed") {
  PartsWorld world;
  for (const char* name : {"a.tar.gz.aa", "a.tar.gz.ab", "b.bin.part1", "b.bin.part2"})
    world.add(name, "x");
  CHECK(world.missing().empty());
  CHECK(world.opened == 0);
}

TEST_CASE("pieces of archives are only listed where the repo may be a data set") {
  PartsWorld world;
  for (const char* name : {"a.tar.gz.aa", "a.tar.gz.ac", "m.gguf.part1", "m.gguf.part3"})
    world.add(name, "x");
  CHECK(world.missing(PartsOf::unknown) == "[a.tar.gz.ab] m.gguf.part2");
  CHECK(world.missing(PartsOf::model) == "a.tar.gz.ab m.gguf.part2");
  CHECK(world.missing(PartsOf::data) == "[a.tar.gz.ab] [m.gguf.part2]");
}
