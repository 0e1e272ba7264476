#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "catch_any.hpp"
#include "os/content_file.hpp"

using namespace hfaudit;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;
const std::vector<std::size_t> sizes{0,      1,      4095,    4096, 4097,    131071,
                                     131072, 131073, mib - 1, mib,  mib + 1, 3 * mib + 5};

std::string noise(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string bytes(size, '\0');
  std::ranges::generate(bytes, [&] { return static_cast<char>(random() >> 24U); });
  return bytes;
}

// A folder that goes away again. On a disk: /tmp may be one of memory.
class Folder {
 public:
  explicit Folder(const std::string& below = "/var/tmp") : path_(below + "/hfaudit-test-XXXXXX") {
    usable_ = ::mkdtemp(path_.data()) != nullptr;
  }
  ~Folder() {
    std::error_code ignored;
    if (usable_) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] bool usable() const { return usable_; }

  [[nodiscard]] std::string write(const std::string& name, const std::string& bytes) const {
    auto path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  std::string path_;
  bool usable_ = false;
};

std::unique_ptr<os::File> open(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = os::Directory::open_root(path.substr(0, slash));
  REQUIRE(folder);
  auto file = folder->open_file(path.substr(slash + 1));
  REQUIRE(file);
  return std::move(*file);
}

// Written to the disk, and out of the page cache if the file system can do that.
void make_cold(const std::string& path) {
  const auto file = open(path);
  ::fsync(file->fd());
  ::posix_fadvise(file->fd(), 0, 0, POSIX_FADV_DONTNEED);
}

std::size_t cached_pages(const std::string& path) {
  const auto file = open(path);
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(path));
  if (size == 0) return 0;
  void* map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file->fd(), 0);
  REQUIRE(map != MAP_FAILED);
  std::vector<unsigned char> pages((size + 4095) / 4096);
  REQUIRE(::mincore(map, size, pages.data()) == 0);
  ::munmap(map, size);
  return static_cast<std::size_t>(
      std::ranges::count_if(pages, [](unsigned char page) { return (page & 1U) != 0; }));
}

// By pieces of `most` bytes.
std::string read_all_of(os::ContentFile& file, std::size_t most, os::AfterRead after) {
  os::DiskQueue queue;
  const os::PageMemory memory(2 * mib);
  os::ReadBuffer buffer(memory.bytes(), queue);
  std::string bytes;
  for (;;) {
    const auto piece = file.read(buffer, most, after);
    REQUIRE(piece);
    if (piece->empty()) break;
    bytes.append(piece->data(), piece->size());
  }
  CHECK_FALSE(buffer.is_in_flight());
  return bytes;
}

void check_content(const Folder& folder, bool cold) {
  for (const auto size : sizes) {
    const auto bytes = noise(size);
    const auto path = folder.write("content", bytes);
    for (const auto after : {os::AfterRead::pauses, os::AfterRead::continues}) {
      for (const auto most : {std::size_t{4096}, mib}) {
        if (cold) make_cold(path);
        os::ContentFile file(open(path));
        INFO(size << " bytes, " << most << " at once"
                  << (after == os::AfterRead::continues ? ", ahead" : ""));
        CHECK((read_all_of(file, most, after) == bytes));
        CHECK(file.position() == size);
        CHECK(file.is_unchanged());
      }
    }
  }
}

}  // namespace

TEST_CASE("content file: what a plain read gives, from the page cache") {
  const Folder folder;
  REQUIRE(folder.usable());
  check_content(folder, false);
}

TEST_CASE("content file: what a plain read gives, from the disk") {
  const Folder folder;
  REQUIRE(folder.usable());
  check_content(folder, true);
}

TEST_CASE("content file: what a plain read gives, on a file system of memory") {
  const Folder folder("/dev/shm");
  if (!folder.usable()) return;
  check_content(folder, false);
  // A hole is no page of the cache, and O_DIRECT may not exist there.
  const auto path = folder.write("hole", "head");
  REQUIRE(::truncate(path.c_str(), 3 * mib) == 0);
  os::ContentFile file(open(path));
  CHECK((read_all_of(file, mib, os::AfterRead::continues) ==
         "head" + std::string(3 * mib - 4, '\0')));
}

TEST_CASE("content file: leaves the page cache as it was") {
  const Folder folder;
  REQUIRE(folder.usable());
  const auto bytes = noise(3 * mib + 5);
  const auto path = folder.write("cold", bytes);
  make_cold(path);
  if (cached_pages(path) != 0) return;  // nothing can be dropped here
  {
    os::ContentFile file(open(path));
    CHECK_FALSE(file.is_cached());
    CHECK((read_all_of(file, mib, os::AfterRead::continues) == bytes));
  }
  CHECK(cached_pages(path) == 0);

  // Some of it: the second MiB.
  {
    const auto file = open(path);
    ::posix_fadvise(file->fd(), 0, 0, POSIX_FADV_RANDOM);
    std::string some(mib, '\0');
    REQUIRE(::pread(file->fd(), some.data(), some.size(), static_cast<off_t>(mib)) ==
            static_cast<ssize_t>(mib));
  }
  const auto before = cached_pages(path);
  REQUIRE(before >= mib / 4096);
  {
    os::ContentFile file(open(path));
    CHECK((read_all_of(file, mib, os::AfterRead::continues) == bytes));
  }
  CHECK(cached_pages(path) == before);
}

TEST_CASE("content file: the next piece is under way only where the disk is asked") {
  const Folder folder;
  REQUIRE(folder.usable());
  const auto path = folder.write("file", noise(2 * mib));
  os::DiskQueue queue;
  const os::PageMemory memory(2 * mib);
  os::ReadBuffer buffer(memory.bytes(), queue);
  os::ContentFile warm(open(path));
  REQUIRE(warm.is_cached());
  REQUIRE(warm.read(buffer, mib / 2, os::AfterRead::continues));
  CHECK_FALSE(buffer.is_in_flight());

  make_cold(path);
  if (cached_pages(path) != 0) return;
  os::ContentFile cold(open(path));
  REQUIRE(cold.read(buffer, mib / 2, os::AfterRead::pauses));
  CHECK_FALSE(buffer.is_in_flight());
  REQUIRE(cold.read(buffer, mib / 2,
                    os::AfterRead::continues));  // and nobody comes for what is under way then
}

TEST_CASE("content file: notices what happens to it") {
  const Folder folder;
  REQUIRE(folder.usable());
  const auto bytes = noise(2 * mib + 100);
  const auto path = folder.write("file", bytes);
  os::DiskQueue queue;
  const os::PageMemory memory(2 * mib);
  os::ReadBuffer buffer(memory.bytes(), queue);
  os::ContentFile file(open(path));
  REQUIRE(file.read(buffer, mib, os::AfterRead::continues));
  REQUIRE(file.is_unchanged());

  SECTION("it grows: only what it was when it was opened is read") {
    std::ofstream(path, std::ios::binary | std::ios::app) << noise(mib);
    CHECK((read_all_of(file, mib, os::AfterRead::continues).size() == mib + 100));
    CHECK_FALSE(file.is_unchanged());
  }
  SECTION("it shrinks: the end comes early, and no signal") {
    REQUIRE(::truncate(path.c_str(), static_cast<off_t>(mib + 7)) == 0);
    CHECK((read_all_of(file, mib, os::AfterRead::continues).size() == 7));
    CHECK(file.position() == mib + 7);
    CHECK_FALSE(file.is_unchanged());
  }
  SECTION("it vanishes: it can still be read, and is another thing by then") {
    REQUIRE(::unlink(path.c_str()) == 0);
    CHECK((read_all_of(file, mib, os::AfterRead::continues) == bytes.substr(mib)));
    CHECK_FALSE(file.is_unchanged());
  }
}

TEST_CASE("content file: what cannot be read says where") {
  // EISDIR, of any file system that gives a folder a size
  auto folder = os::Directory::open_root("/var/tmp");
  REQUIRE(folder);
  const auto meta = folder->stat_self();
  REQUIRE(meta);
  if (meta->size == 0) return;
  os::ContentFile file(std::make_unique<os::File>(::dup(folder->fd()), *meta, "tmp"));
  os::DiskQueue queue;
  const os::PageMemory memory(2 * mib);
  os::ReadBuffer buffer(memory.bytes(), queue);
  const auto piece = file.read(buffer, mib, os::AfterRead::continues);
  REQUIRE_FALSE(piece);
  CHECK(piece.error().code == EISDIR);
  CHECK(file.position() == 0);
}
