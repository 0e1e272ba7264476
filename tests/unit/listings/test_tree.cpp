#include "catch_any.hpp"
#include "listings/listings.hpp"
#include "reading.hpp"

using namespace hfaudit;
using test::memory;

namespace {

const std::string oid(40, 'a');
const std::string sha(64, 'b');
const std::string xet(64, 'c');

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

std::string tree_entry(const std::string& path, const std::string& fields) {
  return quoted(path) + ":{" + fields + "}";
}
std::string plain(const std::string& path, int size = 2) {
  return tree_entry(path, R"("size":)" + std::to_string(size) + R"(,"blob_id":)" + quoted(oid));
}
std::string tree(const std::string& files, const std::string& version = "1") {
  return R"({"format_version":)" + version + R"(,"files":{)" + files + "}}";
}

Result<std::optional<Tree>> read(const std::string& text) {
  auto source = memory(text);
  return read_tree(source);
}

// The paths, or why there are none.
std::string tree_outcome(const std::string& text) {
  const auto result = read(text);
  if (!result) return "error " + result.error().cause;
  if (!*result) return "ignored";
  std::string paths;
  for (const auto& file : (*result)->files)
    paths += file.path + " ";
  return paths;
}

struct Case {
  const char* what;
  std::string text;
  std::string outcome;
};

}  // namespace

TEST_CASE("a tree gives sizes and hashes as a client reads them") {
  const auto text =
      tree(tree_entry("model.safetensors", R"("size":9,"blob_id":)" + quoted(oid) +
                                               R"(,"lfs_sha256":)" + quoted(sha) +
                                               R"(,"lfs_size":7,"xet_hash":)" + quoted(xet)) +
           "," + plain("config.json"));
  const auto result = read(text);
  REQUIRE(result);
  REQUIRE(result->has_value());
  const auto& files = (*result)->files;
  REQUIRE(files.size() == 2);
  CHECK(files[0].path == "config.json");
  CHECK(files[0].etag() == oid);
  CHECK(files[1].size == 7);
  CHECK(files[1].etag() == sha);
  CHECK(files[1].xet_hash == xet);
}

TEST_CASE("trees that clients accept are accepted") {
  const auto lfs = [](const char* field, const std::string& value) {
    return tree(
        tree_entry("a", R"("size":2,"blob_id":)" + quoted(oid) + ",\"" + field + "\":" + value));
  };
  const std::vector<Case> cases{
      {"no files", tree(""), ""},
      {"sorted by path", tree(plain("b") + "," + plain("a/c") + "," + plain("a")), "a a/c b "},
      {"version as a float", tree(plain("a"), "1.0"), "a "},
      {"version as true, which equals 1", tree(plain("a"), "true"), "a "},
      {"files before version", R"({"files":{)" + plain("a") + R"(},"format_version":1})", "a "},
      {"unknown fields",
       tree(tree_entry("a", R"("new":[{"x":1}],"size":2,"blob_id":)" + quoted(oid))), "a "},
      {"unknown sections", R"({"format_version":1,"x":{"files":[1]},"files":{)" + plain("a") + "}}",
       "a "},
      {"nulls for what may be absent", lfs("lfs_sha256", "null"), "a "},
      {"null lfs_size", lfs("lfs_size", "null"), "a "},
      {"masked Xet hashes", lfs("xet_hash", quoted(std::string(64, '*'))), "a "},
      {"NaN where nobody looks", lfs("new", "[NaN,-Infinity,Infinity]"), "a "},
      {"a number too big for 64 bits where nobody looks",
       lfs("new", "123456789012345678901234567890"), "a "},
      {"white space of indent=1", "\n {\n \"format_version\" : 1 ,\n \"files\" : { } }\n", ""},
      {"escapes in paths", tree(plain("\\u00e9/\\\"q\\\"")), "\u00e9/\"q\" "},
      {"a name with a backslash", tree(plain(R"(a\\b)")), "a\\b "},
      {"another version, whatever is in it", tree(R"("a":3)", "2"), "ignored"},
      {"no version", R"({"files":{}})", "ignored"},
      {"a version that is no number", tree("", R"("1")"), "ignored"},
  };
  for (const auto& item : cases) {
    INFO(item.what);
    CHECK(tree_outcome(item.text) == item.outcome);
  }
}

TEST_CASE("of equal keys in a tree the last one wins") {
  auto result = read(tree(plain("a", 1) + "," + plain("b", 5) + "," + plain("a", 3)));
  REQUIRE(result);
  REQUIRE((*result)->files.size() == 2);
  CHECK((*result)->files[0].size == 3);
  CHECK(tree_outcome(R"({"format_version":1,"files":{)" + plain("old") + R"(},"files":{)" +
                     plain("new") + "}}") == "new ");
  CHECK(tree_outcome(R"({"format_version":1,"files":[3],"files":{}})") == "");
  result = read(tree(tree_entry("a", R"("size":"x","size":4,"blob_id":)" + quoted(oid))));
  REQUIRE(result);
  CHECK((*result)->files[0].size == 4);
}

TEST_CASE("damaged trees are malformed") {
  const auto id = R"("blob_id":)" + quoted(oid);
  const std::vector<Case> cases{
      {"empty", "", "error not valid JSON"},
      {"cut off", tree(plain("a")).substr(0, 60), "error not valid JSON"},
      {"two documents", tree("") + tree(""), "error not valid JSON"},
      {"a NUL and more after the end", tree("") + std::string("\0x", 2), "error not valid JSON"},
      {"zeros", std::string(100, '\0'), "error not valid JSON"},
      {"a byte order mark", "\xEF\xBB\xBF" + tree(""), "error not valid JSON"},
      {"bytes that are not UTF-8", tree(plain("\xff")), "error not valid JSON"},
      {"a misspelt constant", tree(tree_entry("a", R"("x":NaM)")), "error not valid JSON"},
      {"a constant glued to a number", tree(tree_entry("a", R"("x":1NaN)")),
       "error not valid JSON"},
      {"a list", "[]", "error JSON of another shape"},
      {"no files", R"({"format_version":1})", "error no list of files"},
      {"files in a list", R"({"format_version":1,"files":[{"size":1}]})", "error no list of files"},
      {"a file that is a number", tree(R"("a":3)"), "error a file that is not an object"},
      {"a file that is a list", tree(R"("a":[{"size":3}])"), "error a file that is not an object"},
      {"no size", tree(tree_entry("a", id)), "error a file without a size"},
      {"a size in quotes", tree(tree_entry("a", R"("size":"2",)" + id)),
       "error a file without a size"},
      {"a negative size", tree(tree_entry("a", R"("size":-2,)" + id)),
       "error a file without a size"},
      {"a size of NaN", tree(tree_entry("a", R"("size":NaN,)" + id)),
       "error a file without a size"},
      {"no blob_id", tree(tree_entry("a", R"("size":2)")), "error a file without a blob_id"},
      {"null blob_id", tree(tree_entry("a", R"("size":2,"blob_id":null)")),
       "error a file without a blob_id"},
      {"a short blob_id", tree(tree_entry("a", R"("size":2,"blob_id":"abc")")),
       "error a file without a blob_id"},
      {"a short sha256", tree(tree_entry("a", R"("size":2,"lfs_sha256":"ab",)" + id)),
       "error a bad lfs_sha256"},
      {"an LFS size in quotes", tree(tree_entry("a", R"("size":2,"lfs_size":"ab",)" + id)),
       "error a bad lfs_size"},
  };
  for (const auto& item : cases) {
    INFO(item.what);
    CHECK(tree_outcome(item.text) == item.outcome);
  }
}

TEST_CASE("paths of a tree that lead out of the repo are malformed") {
  for (const std::string path : {"../x", "a/../../x", "/etc/passwd", "a//b", "a/", "", ".", "./a",
                                 "a/..", "..\\\\x", "a\\\\..\\\\..\\\\x", "\\\\x", "a\\u0000b"}) {
    INFO(path);
    CHECK(tree_outcome(tree(plain(path))) == "error a path outside the repo");
  }
}

TEST_CASE("a tree nested a million deep ends at once") {
  CHECK(tree_outcome(std::string(1'000'000, '[')) == "error JSON of another shape");
  CHECK(tree_outcome(R"({"format_version":1,"x":)" + std::string(1'000'000, '[')) ==
        "error JSON nested too deeply");
}

TEST_CASE("a tree of gigabytes is not read") {
  test::EndlessSource source(std::uint64_t{4} << 30U, "{", " ");
  const auto result = read_tree(source);
  REQUIRE(!result);
  CHECK(result.error().cause == "too big");
  CHECK(source.reads == 0);
}

TEST_CASE("a tree that is one endless string ends early") {
  test::EndlessSource source(std::uint64_t{200} << 20U, "{\"", "a");
  const auto result = read_tree(source);
  REQUIRE(!result);
  CHECK(result.error().cause == "JSON with a string too long");
  CHECK(source.bytes < (std::uint64_t{20} << 20U));
}

TEST_CASE("a tree of a hundred thousand files is read") {
  std::string files;
  for (int i = 0; i < 100'000; ++i) {
    files += (i == 0 ? "" : ",\n") +
             tree_entry("folder/file-" + std::to_string(i), R"("size":1,"blob_id":)" + quoted(oid));
  }
  const auto result = read(tree(files));
  REQUIRE(result);
  CHECK((*result)->files.size() == 100'000);
}

TEST_CASE("a tree that cannot be read is an I/O error, not malformed") {
  test::FailingSource source(tree(plain("a")), 10);
  const auto result = read_tree(source);
  REQUIRE(!result);
  CHECK(result.error().code == EIO);
}
