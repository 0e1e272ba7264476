// The bytes of an archive: plain headers, long and odd names, sizes above 8 GiB, and an end only
// where there is one.
#include "archive/tar_writer.hpp"
#include "catch_any.hpp"

using namespace hfaudit;

namespace {

constexpr std::size_t block = 512;

struct TarBytes {
  std::string bytes;
  std::size_t most = SIZE_MAX;  // a disk of so many bytes

  [[nodiscard]] Result<TarWriter> begin() {
    return TarWriter::begin([this](std::string_view more) -> Result<void> {
      if (bytes.size() + more.size() > most) return failure("write to", "disk", "full", 28);
      bytes += more;
      return {};
    });
  }
  [[nodiscard]] bool has_end() const {
    const std::string zeros(2 * block, '\0');
    return bytes.size() >= zeros.size() && bytes.ends_with(zeros);
  }
};

Result<void> add_file(TarWriter& tar, const std::string& path, std::string_view content) {
  auto good = tar.begin_file(path, content.size());
  if (good) good = tar.add_bytes(content);
  if (good) good = tar.end_file();
  return good;
}

}  // namespace

TEST_CASE("tar: a file and a link, with nothing of this machine") {
  TarBytes out;
  auto tar = out.begin();
  REQUIRE(tar);
  REQUIRE(add_file(*tar, "a/b", "content"));
  REQUIRE(tar->add_link("c", "../x"));
  REQUIRE(tar->finish());
  CHECK(out.bytes.size() == (2 + 1 + 2) * block);  // headers, content, end
  CHECK(out.has_end());
  CHECK(out.bytes.substr(0, 4) == std::string("a/b\0", 4));
  CHECK(out.bytes.substr(block, 7) == "content");
  CHECK(out.bytes.substr(2 * block + 157, 4) == "../x");
  CHECK(out.bytes.find("root") == std::string::npos);
}

TEST_CASE("tar: names that are long, UTF-8 or neither") {
  TarBytes out;
  auto tar = out.begin();
  REQUIRE(tar);
  const std::string long_name = std::string(200, 'd') + "/" + std::string(200, 'e');
  REQUIRE(add_file(*tar, long_name, ""));
  REQUIRE(add_file(*tar, "mod\xC3\xA8le", ""));
  CHECK(out.bytes.find("path=" + long_name + "\n") != std::string::npos);
  CHECK(out.bytes.find("path=mod\xC3\xA8le\n") != std::string::npos);
  CHECK(out.bytes.find("hdrcharset") == std::string::npos);
  REQUIRE(add_file(*tar, "bad\xFF", ""));
  CHECK(out.bytes.find("hdrcharset=BINARY\n") != std::string::npos);
  CHECK(out.bytes.find("path=bad\xFF\n") != std::string::npos);
  REQUIRE(tar->finish());
}

TEST_CASE("tar: files of more than 8 GiB") {
  TarBytes out;
  auto tar = out.begin();
  REQUIRE(tar);
  REQUIRE(tar->begin_file("big", std::uint64_t{9} << 30));
  CHECK(out.bytes.find("size=9663676416\n") != std::string::npos);
  const auto before = out.bytes.size();
  tar->abandon("enough");
  CHECK(out.bytes.size() == before);  // in the middle of a file the end is missing as it is
}

TEST_CASE("tar: one that is not finished has no end, and says so between two members") {
  TarBytes out;
  {
    auto tar = out.begin();
    REQUIRE(tar);
    REQUIRE(add_file(*tar, "a", "content"));
    tar->abandon("a disk\nfailed");
  }
  CHECK(out.bytes.size() == 4 * block);
  CHECK_FALSE(out.has_end());
  CHECK(out.bytes.substr(3 * block).starts_with(
      "512 comment=hfaudit: this archive is not complete: "));
  CHECK(out.bytes.back() == '\n');
}

TEST_CASE("tar: a writer that is simply dropped leaves no end either") {
  TarBytes out;
  {
    auto tar = out.begin();
    REQUIRE(tar);
    REQUIRE(add_file(*tar, "a", "content"));
  }
  CHECK_FALSE(out.has_end());
  CHECK(out.bytes.find("not complete") != std::string::npos);
}

TEST_CASE("tar: the first failure of the disk is reported, and nothing is written after it") {
  TarBytes out;
  out.most = 2 * block;
  {
    auto tar = out.begin();
    REQUIRE(tar);
    REQUIRE(add_file(*tar, "a", "content"));
    const auto failed = add_file(*tar, "b", "content");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == 28);
  }
  CHECK(out.bytes.size() == 2 * block);
}

TEST_CASE("tar: more content than the header says is an error") {
  TarBytes out;
  auto tar = out.begin();
  REQUIRE(tar);
  REQUIRE(tar->begin_file("a", 3));
  CHECK_FALSE(tar->add_bytes(std::string_view("abcd")));
}
