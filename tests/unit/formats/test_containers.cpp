// Parquet, Arrow, archives, HDF5 and ONNX: whole, cut off, and something else.
#include "catch_any.hpp"
#include "format_builders.hpp"
#include "formats/examine.hpp"
#include "structure_text.hpp"

using namespace hfaudit;
using test::examined;

namespace {

std::string parquet(std::uint32_t footer, const std::string& magic = "PAR1") {
  return magic + std::string(100, 'd') + test::little_endian_bytes(footer) + magic;
}

std::string ustar(const std::string& name, std::size_t size, bool with_end = true) {
  std::string header = name;
  header.resize(124, '\0');
  std::string digits(12, '0');
  for (std::size_t i = 10, rest = size; rest != 0; --i, rest /= 8)
    digits[i] = static_cast<char>('0' + rest % 8);
  digits[11] = '\0';
  header += digits;
  header.resize(257, '\0');
  header += "ustar";
  header.resize(512, '\0');
  header += std::string((size + 511) / 512 * 512, 'c');
  return with_end ? header + std::string(1024, '\0') : header;
}

std::string hdf5(std::uint64_t end, char version = 0) {
  std::string head("\x89HDF\r\n\x1A\n", 8);
  head += version;
  head.resize(64, '\0');
  const bool old = version < 2;
  head[old ? 13 : 9] = 8;
  const std::size_t at = version == 0 ? 40 : version == 1 ? 44 : 28;
  head.replace(at, 8, test::little_endian_bytes(end));
  return head + std::string(200, 'd');
}

// A message of Arrow: a flatbuffer with the one field bodyLength, and the body.
std::string message(std::uint64_t body, std::size_t body_here) {
  using test::little_endian_bytes;
  std::string meta = little_endian_bytes<std::uint32_t>(16);  // root
  meta += little_endian_bytes<std::uint16_t>(12) + little_endian_bytes<std::uint16_t>(16);
  meta += std::string(6, '\0') + little_endian_bytes<std::uint16_t>(8);  // slots; bodyLength at 8
  meta += little_endian_bytes<std::int32_t>(12);                         // the vtable lies at 4
  meta += std::string(4, '\0') + little_endian_bytes(body);
  return "\xFF\xFF\xFF\xFF" + little_endian_bytes(static_cast<std::uint32_t>(meta.size())) + meta +
         std::string(body_here, 'b');
}

const std::string end_of_stream("\xFF\xFF\xFF\xFF\0\0\0\0", 8);

}  // namespace

TEST_CASE("Parquet has its magic at both ends and a footer between them") {
  constexpr auto format = FileFormat::parquet;
  CHECK(examined(format, parquet(50)) == "sound, 112");
  CHECK(examined(format, parquet(50, "PARE")) == "sound, 112");
  CHECK(examined(format, parquet(101)) == "truncated: its Parquet footer is not here");
  CHECK(examined(format, parquet(0xFFFFFFFF)) == "truncated: its Parquet footer is not here");
  for (const std::size_t size : {2U, 4U, 8U, 11U, 100U, 111U})
    CHECK(examined(format, parquet(50).substr(0, size)).starts_with("truncated"));
  CHECK(examined(format, "") == "truncated: an empty file");
  CHECK(examined(format, std::string(100, '\0')) == "not_the_content: zeros");
  CHECK(examined(format, "<html></html>") == "not_the_content: an HTML page");
  CHECK(examined(format, "\1\2\3\4 something") == "not_the_content: no Parquet file");
}

TEST_CASE("Arrow files have a footer, streams end with a message") {
  constexpr auto format = FileFormat::arrow;
  const auto file = "ARROW1" + std::string(2, '\0') + std::string(100, 'd') +
                    test::little_endian_bytes<std::uint32_t>(40) + "ARROW1";
  CHECK(examined(format, file) == "sound, 118");
  CHECK(examined(format, file.substr(0, 117)).starts_with("truncated"));
  CHECK(examined(format, "FEA1xxxxFEA1") == "sound, 12");
  CHECK(examined(format, "FEA1xxxxxxxx").starts_with("truncated"));

  const auto stream = message(0, 0) + message(64, 64) + message(128, 128);
  CHECK(examined(format, stream + end_of_stream).starts_with("sound"));
  CHECK(examined(format, stream).starts_with("sound"));
  CHECK(examined(format, message(0, 0) + message(64, 63)) ==
        "truncated: its Arrow stream breaks off");
  CHECK(examined(format, stream + "\xFF\xFF\xFF") == "truncated: its Arrow stream breaks off");
  CHECK(examined(format, message(0xFFFFFFFFFFFFFFF0, 3)).starts_with("cannot_tell"));
  CHECK(examined(format, "\1\2\3\4\5\6\7\x08\x09").starts_with("cannot_tell"));
}

TEST_CASE("zip archives by their directory, under other names than torch's") {
  constexpr auto format = FileFormat::zip;
  const auto zip = test::make_torch_zip(600);
  CHECK(examined(format, zip) == "sound, 600");
  CHECK(examined(format, zip.substr(0, 500)).starts_with("truncated"));
  CHECK(examined(format, std::string(600, '\0')) == "not_the_content: zeros");
  CHECK(examined(format, "\x89HDF\r\n\x1A\n data").starts_with("cannot_tell"));
}

TEST_CASE("tar archives are walked by their headers") {
  constexpr auto format = FileFormat::tar;
  const auto tar = ustar("model_config.yaml", 700, false) + ustar("model_weights.ckpt", 5000);
  CHECK(examined(format, tar).starts_with("sound"));
  CHECK(examined(format, tar.substr(0, 4000)) == "truncated: its tar archive breaks off");
  CHECK(examined(format, tar.substr(0, 1600)) == "truncated: its tar archive breaks off");
  CHECK(examined(format, ustar("a", 10, false)).starts_with("cannot_tell"));
  CHECK(examined(format, "\x1F\x8B\x08 gzip").starts_with("cannot_tell"));
  CHECK(examined(format, std::string(600, 'x')) == "not_the_content: plain text");
}

TEST_CASE("HDF5 says where it ends") {
  constexpr auto format = FileFormat::hdf5;
  for (const char version : std::string("\0\1\2\3", 4)) {
    CHECK(examined(format, hdf5(264, version)) == "sound, 264");
    CHECK(examined(format, hdf5(265, version)) == "truncated, 265: ends within its data");
  }
  CHECK(examined(format, hdf5(264, 9)).starts_with("cannot_tell"));
  CHECK(examined(format, "\1\2\3").starts_with("cannot_tell"));
}

TEST_CASE("ONNX by the length of its graph") {
  constexpr auto format = FileFormat::onnx;
  const std::string onnx = std::string("\x08\x08", 2) + "\x3A\x10" + std::string(16, '\x01');
  CHECK(examined(format, onnx) == "sound, 20");
  CHECK(examined(format, onnx.substr(0, 12)) == "truncated, 20: ends within its graph");
  CHECK(examined(format, "\x80\x04\x95 something").starts_with("cannot_tell"));
  CHECK(examined(format, "<html>") == "not_the_content: an HTML page");
  CHECK(examined(format, std::string(600, '\0')) == "not_the_content: zeros");
}

TEST_CASE("tar archives of data sets are judged by their ends") {
  CHECK(format_of("train-000000.tar") == FileFormat::tar);
  const auto examined_tar = [](const std::string& file) { return examined(FileFormat::tar, file); };
  const auto whole = ustar("a.jpg", 1000);
  CHECK(examined_tar(whole).starts_with("sound"));
  CHECK(examined_tar(whole.substr(0, 1300)).starts_with("truncated"));
  CHECK(examined_tar(whole.substr(0, 1024)).starts_with("truncated"));
  CHECK(examined_tar(std::string(1024, '\0')).starts_with("sound"));  // of nothing
  CHECK(examined_tar(std::string(20480, '\0')).starts_with("not_the_content"));
}
