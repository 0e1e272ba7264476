#include "catch_any.hpp"
#include "format_builders.hpp"
#include "structure_text.hpp"

using namespace hfaudit;
using test::examined;
using test::gguf_string;
using test::GgufBuilder;
using test::little_endian_bytes;
using test::make_gguf;

namespace {

constexpr auto format = FileFormat::gguf;
constexpr std::uint32_t f32 = 0, q4_0 = 2, q4_k = 12, mxfp4 = 39;
constexpr std::uint32_t uint8_value = 0, uint32_value = 4, string_value = 8, array_value = 9;

std::string u64(std::uint64_t value) {
  return little_endian_bytes(value);
}
std::string u32(std::uint32_t value) {
  return little_endian_bytes(value);
}

std::string array_of(std::uint32_t type, std::uint64_t count, const std::string& elements = {}) {
  return u32(type) + u64(count) + elements;
}

std::string state_of(const std::string& bytes) {
  const auto text = examined(format, bytes);
  return text.substr(0, text.find_first_of(",:"));
}

}  // namespace

TEST_CASE("whole GGUF files are sound") {
  CHECK(examined(format, make_gguf(512)) == "sound, 512");
  CHECK(examined(format, make_gguf(300'000)) == "sound, 300000");
  // with padding behind the last tensor
  CHECK(state_of(make_gguf(1000) + std::string(24, '\0')) == "sound");
  CHECK(state_of(GgufBuilder(2).tensor("a", f32, u64(8), 32).file()) == "sound");
  CHECK(state_of(GgufBuilder().file()) == "sound");  // nothing at all
  CHECK(state_of(
            GgufBuilder().pair("tokenizer.ggml.model", string_value, gguf_string("gpt2")).file()) ==
        "sound");
}

TEST_CASE("GGUF: the bytes that each kind of tensor takes") {
  const auto file = GgufBuilder()
                        .tensor("a", f32, u64(3) + u64(5), 60)
                        .tensor("b", q4_0, u64(64) + u64(3), 2 * 18 * 3)
                        .tensor("c", q4_k, u64(512) + u64(2) + u64(2) + u64(1), 2 * 144 * 4)
                        .tensor("d", mxfp4, u64(32), 17)
                        .tensor("scalar", f32, "", 4)
                        .file();
  CHECK(examined(format, file) == "sound, " + std::to_string(file.size()));
  CHECK(state_of(file.substr(0, file.size() - 1)) == "truncated");
}

TEST_CASE("GGUF: metadata of every type is skipped") {
  GgufBuilder builder;
  const std::size_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  for (std::uint32_t type = 0; type <= 12; ++type) {
    if (sizes[type] == 0) continue;
    builder.pair("k" + std::to_string(type), type, std::string(sizes[type], 'x'));
    builder.pair("a" + std::to_string(type), array_value,
                 array_of(type, 3, std::string(3 * sizes[type], 'x')));
  }
  builder.pair("strings", array_value,
               array_of(string_value, 2, gguf_string("") + gguf_string("xyz")));
  builder.pair(
      "nested", array_value,
      array_of(array_value, 3,
               array_of(uint8_value, 2, "ab") + array_of(string_value, 1, gguf_string("q")) +
                   array_of(array_value, 1, array_of(uint32_value, 0))));
  const auto file = builder.tensor("t", f32, u64(1), 4).file();
  CHECK(examined(format, file) == "sound, " + std::to_string(file.size()));
}

TEST_CASE("GGUF: the alignment moves the data") {
  const auto file =
      GgufBuilder().alignment(4096).tensor("a", f32, u64(1), 4).tensor("b", f32, u64(1), 4).file();
  CHECK(file.size() == 4096 + 4096 + 4);
  CHECK(examined(format, file) == "sound, 8196");
  CHECK(examined(format, file.substr(0, 8195)) == "truncated, 8196: ends within its tensors");
}

TEST_CASE("GGUF cut off anywhere is truncated") {
  const auto whole = make_gguf(600);
  CHECK(examined(format, "") == "truncated: an empty file");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    INFO(size);
    const auto text = examined(format, whole.substr(0, size));
    CHECK((text == "truncated: ends within its header" ||
           text == "truncated, 600: ends within its tensors"));
  }
}

TEST_CASE("GGUF that nothing can be said about") {
  CHECK(state_of(GgufBuilder(1).file()) == "cannot_tell");
  CHECK(state_of(GgufBuilder(4).file()) == "cannot_tell");
  CHECK(state_of(GgufBuilder(0x03000000).file()) == "cannot_tell");  // the other byte order
  CHECK(state_of(GgufBuilder().pair("new", 13, "xxxx").file()) == "cannot_tell");
  CHECK(state_of(GgufBuilder().pair("new", array_value, array_of(13, 1, "x")).file()) ==
        "cannot_tell");
  CHECK(state_of(GgufBuilder().tensor("new", 99, u64(4), 4).file()) == "cannot_tell");
  CHECK(state_of(GgufBuilder().tensor("new", 0xFFFFFFFF, u64(4), 4).file()) == "cannot_tell");
  CHECK(state_of(GgufBuilder().tensor("withdrawn", 4, u64(32), 18).file()) == "cannot_tell");
  CHECK(state_of(GgufBuilder().tensor("half a block", q4_0, u64(33), 18).file()) == "cannot_tell");
}

TEST_CASE("GGUF: a tensor of unknown type does not hide that others are cut off") {
  const auto file =
      GgufBuilder().tensor("new", 99, u64(4), 4).tensor("a", f32, u64(100), 400).file();
  CHECK(state_of(file) == "cannot_tell");
  CHECK(state_of(file.substr(0, file.size() - 1)) == "truncated");
  const auto last =
      GgufBuilder().tensor("a", f32, u64(100), 400).tensor("new", 99, u64(4), 4).file();
  CHECK(state_of(last.substr(0, last.size() - 20)) == "truncated");
  CHECK(state_of(last.substr(0, last.size() - 1)) == "cannot_tell");
}

TEST_CASE("GGUF: a type that a fork uses otherwise is not held against the file") {
  // by the table 17 bytes a block of 32, in this file 8
  const auto fork =
      GgufBuilder().tensor("a", mxfp4, u64(64), 16).tensor("b", mxfp4, u64(6400), 1600).file();
  CHECK(state_of(fork) == "cannot_tell");
}

TEST_CASE("GGUF: headers that are none") {
  const std::uint64_t huge = std::uint64_t{1} << 63U;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"GGUX" + std::string(30, '\1'), "no GGUF header"},
      {std::string("GGUF\0\0\0\0", 8) + std::string(100, '\0'), "a GGUF header of version 0"},
      {GgufBuilder().claim(huge, 0).file(), "a GGUF header with impossible counts"},
      {GgufBuilder().claim(0, huge).file(), "a GGUF header with impossible counts"},
      {GgufBuilder().pair("", uint32_value, "xxxx").file(), "a GGUF header with an impossible key"},
      {GgufBuilder().claim(0, 1).file() + u64(huge) + "xxxxxx",
       "a GGUF header with an impossible key"},
      {GgufBuilder().pair("k", string_value, u64(huge)).file(),
       "a GGUF header with an impossible string"},
      {GgufBuilder().pair("k", array_value, array_of(uint8_value, huge)).file(),
       "a GGUF header with an impossible array"},
      {GgufBuilder().pair("general.alignment", uint8_value, " ").file(),
       "a GGUF header whose alignment is no number"},
      {GgufBuilder().alignment(48).file(), "a GGUF header with a bad alignment"},
      {GgufBuilder().pair("general.alignment", uint32_value, u32(0)).file(),
       "a GGUF header with a bad alignment"},
      {GgufBuilder().tensor("", f32, u64(1), 4).file(),
       "a GGUF header with an impossible tensor name"},
      {GgufBuilder().tensor("a", f32, u64(huge) + u64(huge), 4).file(),
       "a GGUF header with impossible dimensions"},
      {GgufBuilder().tensor("a", f32, std::string(9 * 8, '\0'), 4).file(),
       "a GGUF header with impossible dimensions"},
  };
  for (const auto& [file, why] : cases) {
    INFO(why);
    CHECK(examined(format, file) == "not_the_content: " + why);
  }
}

TEST_CASE("GGUF: arrays nested a million deep end at once") {
  std::string nested;
  for (int i = 0; i < 100'000; ++i)
    nested += array_of(array_value, 1);
  CHECK(examined(format, GgufBuilder().pair("k", array_value, nested).file()) ==
        "not_the_content: a GGUF header with arrays nested too deeply");
}

TEST_CASE("GGUF: a header of gigabytes is given up early") {
  const auto head = GgufBuilder().claim(0, 1).file() + gguf_string("k") + u32(array_value) +
                    array_of(string_value, std::uint64_t{1} << 29U);
  test::EndlessSource source(std::uint64_t{1} << 40U, head, std::string(8, '\0'));
  CHECK(test::describe(examine(format, source)) ==
        "cannot_tell: a GGUF header of more than 128 MiB");
  CHECK(source.bytes <= (std::uint64_t{129} << 20U));
}

TEST_CASE("GGUF: a large vocabulary is read in pieces, a small header in one") {
  std::string words;
  for (int i = 0; i < 50'000; ++i)
    words += gguf_string("token" + std::to_string(i));
  const auto file =
      GgufBuilder()
          .pair("tokenizer.ggml.tokens", array_value, array_of(string_value, 50'000, words))
          .tensor("t", f32, u64(1), 4)
          .file();
  test::EndlessSource large(file.size(), file, "x");
  CHECK(test::describe(examine(format, large)) == "sound, " + std::to_string(file.size()));
  CHECK(large.reads == (file.size() + 65535) / 65536);

  const auto small = make_gguf(100'000);
  test::EndlessSource one(small.size(), small, "x");
  CHECK(test::describe(examine(format, one)) == "sound, 100000");
  CHECK(one.reads == 1);
}

TEST_CASE("GGUF that cannot be read is an I/O error") {
  const auto file = GgufBuilder()
                        .pair("k", string_value, gguf_string(std::string(100'000, 'x')))
                        .tensor("a", f32, u64(1), 4)
                        .file();
  test::FailingSource source(file, 70'000);
  CHECK(test::describe(examine(format, source)) == "error " + std::to_string(EIO));
}
