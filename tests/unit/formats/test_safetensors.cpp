#include "catch_any.hpp"
#include "format_builders.hpp"
#include "structure_text.hpp"

using namespace hfaudit;
using test::examined;
using test::make_safetensors;
using test::safetensors_file;

namespace {

constexpr auto safetensors = FileFormat::safetensors;

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":[)" + shape +
         R"(],"data_offsets":[)" + offsets + "]}";
}

// What becomes of a header in front of `data` bytes; the sizes are left out.
std::string judged(const std::string& header, std::size_t data) {
  const auto text = examined(safetensors, safetensors_file(header, data));
  const auto comma = text.find(',');
  return comma == std::string::npos ? text : text.substr(0, comma);
}

}  // namespace

TEST_CASE("whole safetensors files are sound") {
  CHECK(examined(safetensors, make_safetensors(128)) == "sound, 128");
  CHECK(examined(safetensors, make_safetensors(300'000)) == "sound, 300000");
  CHECK(judged("{}", 0) == "sound");
  CHECK(judged(R"({"__metadata__":{"format":"pt"}}   )", 0) == "sound");
  CHECK(judged(" {}", 0) == "sound");
}

TEST_CASE("safetensors: every way to lay out tensors that the loader takes") {
  CHECK(
      judged("{" + tensor("b", "F32", "2,3", "24,48") + "," + tensor("a", "F32", "6", "0,24") + "}",
             48) == "sound");
  CHECK(
      judged("{" + tensor("empty", "F32", "0,3", "0,0") + "," + tensor("a", "I8", "4", "0,4") + "}",
             4) == "sound");
  CHECK(judged("{" + tensor("a", "I8", "4", "0,4") + "," + tensor("empty", "F32", "0", "4,4") + "}",
               4) == "sound");
  CHECK(judged("{" + tensor("scalar", "BF16", "", "0,2") + "}", 2) == "sound");
  CHECK(judged("{" + tensor("half-bytes", "F4", "3,2", "0,3") + "}", 3) == "sound");
  CHECK(judged("{" + tensor("six-bit", "F6_E2M3", "4", "0,3") + "}", 3) == "sound");
  CHECK(judged("{" + tensor("not yet invented", "F3_E1M1", "5", "0,7") + "}", 7) == "sound");
  CHECK(judged(R"({"a":{"extra":[{"x":[1]}],"dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1) ==
        "sound");
  CHECK(judged(R"({"__metadata__":{"n":{"deep":[1,"x"]}},)" + tensor("a", "I8", "1", "0,1") + "}",
               1) == "sound");
}

TEST_CASE("safetensors: of equal names the last one wins") {
  CHECK(judged("{" + tensor("a", "I8", "9", "0,9") + "," + tensor("a", "I8", "4", "0,4") + "}",
               4) == "sound");
}

TEST_CASE("safetensors cut off anywhere is truncated") {
  const auto whole = make_safetensors(1000);
  CHECK(examined(safetensors, "") == "truncated: an empty file");
  CHECK(examined(safetensors, whole.substr(0, 3)) == "truncated: ends within its first 8 bytes");
  CHECK(examined(safetensors, whole.substr(0, 8)) == "truncated: ends within its header");
  CHECK(examined(safetensors, whole.substr(0, 60)) == "truncated: ends within its header");
  CHECK(examined(safetensors, whole.substr(0, 128)) == "truncated, 1000: ends within its tensors");
  CHECK(examined(safetensors, whole.substr(0, 999)) == "truncated, 1000: ends within its tensors");
}

TEST_CASE("safetensors that goes on after its tensors is oversized") {
  CHECK(examined(safetensors, make_safetensors(1000) + "x") ==
        "oversized, 1000: goes on after its last tensor");
}

TEST_CASE("safetensors: headers that are none") {
  const auto good = tensor("a", "F32", "1", "0,4");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{" + tensor("a", "F32", "2", "0,4") + "}",
       "a header with a tensor whose data_offsets do not fit its shape"},
      {"{" + tensor("a", "F4", "1", "0,1") + "}",
       "a header with a tensor whose data_offsets do not fit its shape"},
      {"{" + tensor("a", "F32", "1", "4,8") + "}",
       "a header with tensors that overlap or leave a gap"},
      {"{" + good + "," + tensor("b", "F32", "1", "8,12") + "}",
       "a header with tensors that overlap or leave a gap"},
      {"{" + good + "," + tensor("b", "F32", "1", "2,6") + "}",
       "a header with tensors that overlap or leave a gap"},
      {"{" + tensor("a", "F32", "1", "4,0") + "}",
       "a header with a tensor without valid data_offsets"},
      {"{" + tensor("a", "F32", "1", "4") + "}",
       "a header with a tensor without valid data_offsets"},
      {"{" + tensor("a", "F32", "1", "0,2,4") + "}",
       "a header with a tensor without valid data_offsets"},
      {"{" + tensor("a", "F32", "-1", "0,4") + "}",
       "a header with a tensor whose shape or data_offsets are no counts"},
      {"{" + tensor("a", "F32", "1.0", "0,4") + "}",
       "a header with a tensor whose shape or data_offsets are no counts"},
      {"{" + tensor("a", "F32", "[1]", "0,4") + "}",
       "a header with a tensor whose shape or data_offsets are no counts"},
      {"{" + tensor("a", "F32", "4294967296,4294967296", "0,4") + "}",
       "a header with a tensor of more than 2^64 elements"},
      {"{" + tensor("a", "F32", "1152921504606846976", "0,4") + "}",
       "a header with a tensor of more than 2^64 bits"},
      {"{" + tensor("a", "?", "1", "0,18446744073709551615") + "}",
       "a header for more than 2^64 bytes"},
      {R"({"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})",
       "a header with a tensor whose dtype is no name"},
      {R"({"a":{"dtype":"F32","data_offsets":[0,4]}})",
       "a header with a tensor without dtype or shape"},
      {R"({"a":{"dtype":"F32","shape":[1]}})", "a header with a tensor without valid data_offsets"},
      {R"({"a":{"dtype":"F32","shape":{"x":1},"data_offsets":[0,4]}})",
       "a header with a tensor whose shape is no list"},
      {R"({"a":4})", "a header with a tensor that is no JSON object"},
      {"{" + good, "a header that is not valid JSON"},
      {"{" + good + "}}", "a header that is not valid JSON"},
      {"{" + std::string(50, '\0'), "a header that is not valid JSON"},
      {R"({"a":)" + std::string(100'000, '[') + "}",
       "a header with a tensor that is no JSON object"},
      {R"({"__metadata__":)" + std::string(100'000, '[') + "}",
       "a header that is JSON nested too deeply"},
      {"  []", "a header with no JSON object in it"},
  };
  for (const auto& [header, why] : cases) {
    INFO(header.substr(0, 200));
    CHECK(judged(header, 4) == "not_the_content: " + why);
  }
}

TEST_CASE("safetensors: beginnings that are no header's") {
  const std::string zeros(100, '\0');
  CHECK(examined(safetensors, zeros) == "not_the_content: zeros");
  CHECK(examined(safetensors, std::string(7, '\xff') + "\x7f" + zeros) ==
        "not_the_content: a header of 9223372036854775807 bytes");
  CHECK(examined(safetensors, test::little_endian_bytes<std::uint64_t>(100'000'001) + "{" +
                                  zeros) == "not_the_content: a header of 100000001 bytes");
  CHECK(examined(safetensors, test::little_endian_bytes<std::uint64_t>(100'000'000) + "{" +
                                  zeros) == "truncated: ends within its header");
  // gzip's own first bytes are a plausible length: 0x00088b1f
  CHECK(examined(safetensors, std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10) + zeros) ==
        "not_the_content: gzip data");
  CHECK(examined(safetensors, test::little_endian_bytes<std::uint64_t>(50) + zeros) ==
        "not_the_content: no JSON where its header should be");
}

TEST_CASE("safetensors: a length whose bytes look like JSON is a length") {
  // 0x227b bytes of header: {" at the very beginning of the file
  std::string header = "{" + tensor("a", "I8", "1", "0,1") + "}";
  header.resize(0x227b, ' ');
  CHECK(examined(safetensors, safetensors_file(header, 1)) ==
        "sound, " + std::to_string(8 + 0x227b + 1));
}

TEST_CASE("safetensors: a common header takes one read, a long one two") {
  test::EndlessSource common(10'000'000, make_safetensors(10'000'000).substr(0, 200), "w");
  CHECK(test::describe(examine(safetensors, common)) == "sound, 10000000");
  CHECK(common.reads == 1);

  std::string header = "{" + tensor("a", "I8", "1", "0,1");
  for (int i = 0; i < 5000; ++i)
    header += "," + tensor("empty." + std::to_string(i), "F32", "0", "1,1");
  header += "}";
  const auto file = safetensors_file(header, 1);
  test::EndlessSource large(file.size(), file, "w");
  CHECK(test::describe(examine(safetensors, large)) == "sound, " + std::to_string(file.size()));
  CHECK(large.reads == 2);
}

TEST_CASE("safetensors: a header with one huge string is left alone") {
  test::EndlessSource source(
      std::uint64_t{200} << 20U,
      test::little_endian_bytes<std::uint64_t>(99'000'000) + R"({"__metadata__":{"a":")", "x");
  CHECK(test::describe(examine(safetensors, source)) ==
        "cannot_tell: a header with a string of more than 16 MiB");
}

TEST_CASE("safetensors that cannot be read is an I/O error") {
  test::FailingSource at_once(make_safetensors(1000), 0);
  CHECK(test::describe(examine(safetensors, at_once)) == "error " + std::to_string(EIO));
  std::string header = "{" + tensor("a", "I8", "1", "0,1") + "}";
  header.resize(200'000, ' ');
  test::FailingSource later(safetensors_file(header, 1), 70'000);
  CHECK(test::describe(examine(safetensors, later)) == "error " + std::to_string(EIO));
}
