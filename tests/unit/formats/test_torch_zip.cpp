#include "catch_any.hpp"
#include "format_builders.hpp"
#include "structure_text.hpp"

using namespace hfaudit;
using test::examined;
using test::make_torch_zip;
using test::ZipBuilder;

namespace {

constexpr auto torch = FileFormat::torch;
const std::string lost = "truncated: no zip directory at its end";

std::string torch_state(const std::string& bytes) {
  const auto text = examined(torch, bytes);
  return text.substr(0, text.find_first_of(",:"));
}

ZipBuilder some_zip(std::size_t bytes = 1000) {
  ZipBuilder zip;
  zip.member("archive/data.pkl", "pickle").member("archive/data/0", std::string(bytes, 'w'));
  return zip;
}

}  // namespace

TEST_CASE("whole zip checkpoints are sound") {
  CHECK(examined(torch, make_torch_zip(512)) == "sound, 512");
  CHECK(examined(torch, make_torch_zip(300'000)) == "sound, 300000");
  CHECK(torch_state(some_zip().zip64_file()) == "sound");
  CHECK(torch_state(some_zip().file("a comment")) == "sound");
  CHECK(torch_state(some_zip(100'000).file(std::string(65'535, 'c'))) == "sound");
  // as torch's own reader takes it
  CHECK(torch_state(some_zip(100'000).file() + std::string(1000, '\0')) == "sound");
}

TEST_CASE("a zip checkpoint cut off anywhere is truncated") {
  const auto whole = make_torch_zip(600);
  CHECK(examined(torch, "") == "truncated: an empty file");
  for (std::size_t size = 4; size < whole.size(); ++size) {
    INFO(size);
    CHECK(examined(torch, whole.substr(0, size)) == lost);
  }
  const auto zip64 = some_zip().zip64_file();
  for (std::size_t size = zip64.size() - 140; size < zip64.size(); ++size) {
    INFO(size);
    CHECK(examined(torch, zip64.substr(0, size)) == lost);
  }
  CHECK(examined(torch, make_torch_zip(300'000).substr(0, 299'990)) == lost);
}

TEST_CASE("a zip whose end record leads nowhere is truncated") {
  auto inner = some_zip().file();
  // An archive within an archive: its end record is whole, but its directory is not where that
  // says.
  const auto outer = ZipBuilder().member("archive/data.pkl", "x").member("inner.zip", inner).file();
  CHECK(torch_state(outer) == "sound");
  CHECK(examined(torch, outer.substr(0, outer.find("PK\5\6") + 22)) == lost);
  auto no_zip64 = some_zip().zip64_file();
  no_zip64.erase(no_zip64.size() - 42, 20);
  CHECK(examined(torch, no_zip64) == lost);
  auto wild = some_zip().zip64_file();
  wild.replace(wild.size() - 42 + 8, 8, std::string(8, '\xff'));
  CHECK(examined(torch, wild) == lost);
}

TEST_CASE("bytes of the payload that look like an end record do not count") {
  const auto fake = std::string("PK\5\6", 4) + std::string(18, '\xff');
  const auto zip =
      ZipBuilder().member("a", "x").member("b", fake + fake + std::string(100, 'w')).file();
  CHECK(torch_state(zip) == "sound");
  CHECK(examined(torch, zip.substr(0, zip.size() - 30)) == lost);
}

TEST_CASE("checkpoints that say nothing of their size cannot be told") {
  CHECK(torch_state(std::string("\x80\2}q\0.", 6)) == "cannot_tell");
  CHECK(torch_state(std::string(2000, '\0') + 'x') == "cannot_tell");
  CHECK(torch_state("GGML") == "cannot_tell");
  CHECK(torch_state("PK") == "cannot_tell");
  CHECK(torch_state("archive.pt" + std::string(247, '\0') + "ustar" + std::string(2000, '\0')) ==
        "cannot_tell");
}

TEST_CASE("a zip checkpoint takes few reads") {
  const auto file = make_torch_zip(300'000);
  test::EndlessSource source(file.size(), file, "x");
  CHECK(test::describe(examine(torch, source)) == "sound, 300000");
  CHECK(source.reads == 3);  // beginning, end, directory
}

TEST_CASE("a checkpoint that cannot be read is an I/O error") {
  test::FailingSource source(make_torch_zip(300'000), 2000);
  CHECK(test::describe(examine(torch, source)) == "error " + std::to_string(EIO));
}
