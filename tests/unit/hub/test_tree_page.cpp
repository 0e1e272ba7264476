#include "catch_any.hpp"

#include "hub/tree_page.hpp"
#include "reading.hpp"

using namespace hfaudit;
using test::memory;

namespace {

const std::string oid(40, 'a'), sha(64, 'b'), xet(64, 'c');

Result<std::vector<TreeFile>> read(const std::string& page) {
  std::vector<TreeFile> files;
  auto source = memory(page);
  const auto done = read_tree_page(source, files);
  if (!done) return tl::unexpected<Error>(done.error());
  return files;
}

std::string file(const std::string& more) {
  return R"({"type":"file","oid":")" + oid + R"(","size":2,"path":"a")" + more + "}";
}

}  // namespace

TEST_CASE("a page of the Hub's listing") {
  const auto lfs =
      R"(,"xetHash":")" + xet + R"(","lfs":{"oid":")" + sha + R"(","size":9,"pointerSize":134})";
  const auto files = read(R"([{"type":"directory","oid":")" + oid + R"(","size":0,"path":"b"},)" +
                          file("") + "," + file(lfs) + "]");
  REQUIRE(files.has_value());
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].path == "a");
  CHECK((*files)[0].size == 2);
  CHECK((*files)[0].etag() == oid);
  CHECK((*files)[0].xet_hash.empty());
  CHECK((*files)[1].blob_id == oid);
  CHECK((*files)[1].etag() == sha);
  CHECK((*files)[1].size == 9);
  CHECK((*files)[1].xet_hash == xet);
}

TEST_CASE("pages with what is new, absent or masked") {
  struct Row {
    const char* what;
    std::string page;
    std::size_t count;
  };
  const std::vector<Row> rows{
      {"no file", "[]", 0},
      {"fields of later days",
       "[" + file(R"(,"lastCommit":{"id":"x","path":"../y","size":-1},"new":[[{}]])") + "]", 1},
      {"a masked xet hash", "[" + file(R"(,"xetHash":")" + std::string(64, '*') + "\"") + "]", 1},
      {"no lfs", "[" + file(R"(,"lfs":null,"xetHash":null)") + "]", 1},
      {"another kind of entry", R"([{"type":"submodule","path":"../x"}])", 0},
      {"an entry that says nothing", "[{}]", 0},
      {"fields in another order", R"([{"path":"a","size":2,"oid":")" + oid + R"(","type":"file"}])",
       1},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    const auto files = read(row.page);
    REQUIRE(files.has_value());
    CHECK(files->size() == row.count);
    for (const auto& one : *files)
      CHECK(one.xet_hash.empty());
  }
}

TEST_CASE("pages that are refused") {
  struct Row {
    std::string page;
    const char* cause;
  };
  const std::vector<Row> rows{
      {"", "not valid JSON"},
      {"<html>", "not valid JSON"},
      {"{}", "another shape"},
      {"null", "another shape"},
      {"[1]", "not an object"},
      {"[[]]", "not an object"},
      {"[" + file(R"(,"path":"../x")") + "]", "outside the repo"},
      {"[" + file(R"(,"path":"/x")") + "]", "outside the repo"},
      {"[" + file(R"(,"path":"a//b")") + "]", "outside the repo"},
      {"[" + file(R"(,"path":"a\\..\\b")") + "]", "outside the repo"},
      {"[" + file(R"(,"path":"a\u0000")") + "]", "outside the repo"},
      {"[" + file(R"(,"path":7)") + "]", "outside the repo"},
      {"[" + file(R"(,"size":-1)") + "]", "without a size"},
      {"[" + file(R"(,"size":"2")") + "]", "without a size"},
      {"[" + file(R"(,"oid":"A")") + "]", "git oid"},
      {"[" + file(R"(,"lfs":{})") + "]", "sha256"},
      {"[" + file(R"(,"lfs":true)") + "]", "sha256"},
      {"[" + file(R"(,"lfs":{"sha256":")" + sha + "\"}") + "]", "sha256"},
      {"[" + file("") + ",", "not valid JSON"},
      {std::string(100, '['), "not an object"},
  };
  for (const auto& row : rows) {
    INFO(row.page);
    const auto files = read(row.page);
    REQUIRE_FALSE(files.has_value());
    CHECK(files.error().cause.find(row.cause) != std::string::npos);
  }
}

TEST_CASE("the pages make a tree") {
  const auto named = [](const char* path) {
    TreeFile one;
    one.path = path;
    return one;
  };
  const auto tree = make_tree({named("b"), named("a/b"), named("a")});
  REQUIRE(tree.has_value());
  CHECK(tree->files[0].path == "a");
  CHECK(tree->files[2].path == "b");
  CHECK_FALSE(make_tree({named("b"), named("a"), named("b")}).has_value());
}

TEST_CASE("the commit of a revision") {
  const auto sha_of = [](const std::string& text) {
    auto source = memory(text);
    return read_revision_sha(source).value_or("-");
  };
  CHECK(sha_of(R"({"id":"a/b","siblings":[{"sha":"x"}],"sha":")" + oid + R"(","tags":[]})") == oid);
  for (const char* bad :
       {"", "{}", "[]", R"({"sha":"main"})", R"({"sha":null})", R"({"a":{"sha":"x"}})"})
    CHECK(sha_of(bad) == "-");
}

TEST_CASE("the next page") {
  struct Row {
    const char* header;
    const char* target;
  };
  const Row rows[] = {
      {R"(<https://h/t?cursor=1>; rel="next")", "https://h/t?cursor=1"},
      {R"(</first>; rel="first", </t?a=1,2>; rel="next")", "/t?a=1,2"},
      {R"(</t>; title="x"; rel="next")", "/t"},
      {"</t>; rel=next", "/t"},
      {"<>; rel=\"next\"", ""},
      {R"(</t>; rel="prev")", nullptr},
      {R"(</t>; rel="xet-auth", </u>; rel="last")", nullptr},
      {"", nullptr},
      {"<", nullptr},
      {">; rel=\"next\"", nullptr},
      {"</t; rel=\"next\"", nullptr},
  };
  for (const auto& row : rows) {
    INFO(row.header);
    const auto target = next_link(row.header);
    REQUIRE(target.has_value() == (row.target != nullptr));
    if (target) CHECK(*target == row.target);
  }
}

TEST_CASE("the list of files in what a revision answers") {
  const auto read = [](const std::string& text) {
    std::vector<TreeFile> files;
    auto source = memory(text);
    const auto done = read_siblings(source, files);
    return done ? std::optional(files) : std::nullopt;
  };
  const auto answer = [](const std::string& list) {
    return R"({"id":"acme/six","tags":[{"path":"x"}],"siblings":)" + list +
           R"(,"safetensors":{"total":[1]}})";
  };
  const auto plain = R"({"rfilename":"a/b.json","size":2,"blobId":")" + oid + "\"}";
  const auto lfs = R"({"rfilename":"a.gguf","size":9,"blobId":")" + oid + R"(","lfs":{"sha256":")" +
                   sha + R"(","size":9,"pointerSize":134}})";
  const auto files = read(answer("[" + plain + "," + lfs + "]"));
  REQUIRE(files.has_value());
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].path == "a/b.json");
  CHECK((*files)[0].etag() == oid);
  CHECK((*files)[1].etag() == sha);
  CHECK((*files)[1].size == 9);
  CHECK(read(answer("[]")).has_value());
  for (const auto& text : {std::string("{}"), std::string("[]"), answer("{}"),
                           answer(R"([{"rfilename":"a"}])"), answer("[1]"), answer("[" + plain),
                           answer(R"([{"rfilename":"../a","size":1,"blobId":")" + oid + "\"}]")})
    CHECK_FALSE(read(text).has_value());
}
