// Where a link leads, and files that hold the text of one.
#include "cache/link_target.hpp"
#include "catch_any.hpp"

using namespace hfaudit;

namespace {

const std::string blob = "0123456789abcdef0123456789abcdef01234567";
const std::string text = "../../blobs/" + blob;

// As macOS writes it on SMB and FAT: 1067 bytes, filled up with spaces.
std::string xsym(const std::string& target) {
  std::string bytes = "XSym\n00" + std::to_string(target.size()) + "\n" + std::string(32, 'a') +
                      "\n" + target + "\n";
  bytes.resize(1067, ' ');
  return bytes;
}

std::string utf16(const std::string& ascii) {
  std::string bytes;
  for (const char c : ascii)
    bytes.append(1, c).append(1, '\0');
  return bytes;
}

}  // namespace

TEST_CASE("the text of a link names its blob, whatever system wrote it") {
  CHECK(blob_named_by(text) == blob);
  CHECK(blob_named_by("..\\..\\blobs\\" + blob) == blob);
  CHECK(blob_named_by("/old/home/hub/models--a--x/blobs/" + blob) == blob);
  CHECK(blob_named_by("C:\\Users\\a\\hub\\models--a--x\\blobs\\" + blob) == blob);
  CHECK(blob_named_by("../../blobs/" + blob + "/x").empty());
  CHECK(blob_named_by("../../noblobs/" + blob).empty());
  CHECK(blob_named_by("../../blobs/config.json").empty());
  CHECK(blob_named_by(blob).empty());
}

TEST_CASE("a small file that holds the text of a link is recognised") {
  CHECK(link_text_in(text) == text);
  CHECK(link_text_in(text + "\n") == text);
  CHECK(link_text_in("..\\..\\blobs\\" + blob) == "..\\..\\blobs\\" + blob);
  CHECK(link_text_in(xsym(text)) == text);
  CHECK(link_text_in("!<symlink>" + text + std::string(1, '\0')) == text);
  CHECK(link_text_in("!<symlink>\xFF\xFE" + utf16(text)) == text);
  CHECK(link_text_in(std::string("IntxLNK\1", 8) + utf16(text)) == text);
}

TEST_CASE("a document that mentions a blob is no link") {
  CHECK(link_text_in("see ../../blobs/" + blob).empty());
  CHECK(link_text_in(text + "\n" + text).empty());
  CHECK(link_text_in("{\"a\": \"../../blobs/" + blob + "\"}").empty());
  CHECK(link_text_in(blob).empty());
  CHECK(link_text_in(std::string(2000, 'x') + text).empty());
}

TEST_CASE("a link to a blob goes up as many folders as its entry lies deep") {
  CHECK(link_to_blob("config.json", blob) == text);
  CHECK(link_to_blob("onnx/model.bin", blob) == "../" + text);
  CHECK(link_to_blob("a/b/c/d", blob) == "../../../" + text);
  // names are bytes
  CHECK(link_to_blob("a\xff\\:/..b/ ", "\xff") == "../../../../blobs/\xff");
}
