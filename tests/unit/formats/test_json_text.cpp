// JSON that loaders read by name: what is damage and what is an author's way of writing.
#include "catch_any.hpp"
#include "formats/examine.hpp"
#include "structure_text.hpp"

using namespace hfaudit;

namespace {

std::string json(const std::string& text) {
  return test::examined(FileFormat::json, text);
}

const std::string whole =
    R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "a": [1.5, -2e3, null, true]})";

}  // namespace

TEST_CASE("JSON is sound as Python reads it") {
  for (const std::string text :
       {R"({})", R"([])", R"( {"a":NaN,"b":-Infinity,"c":[Infinity]} )",
        R"({"model_max_length":1000000000000000019884624838656})", R"({"a":1e999})",
        R"({"a":1,"a":2})", "{\"a\":\"\xC3\xA4 \\u00e4 \\\"\"}\n\n", R"("text")",
        "{\"a\":\"\t\"}"}) {
    INFO(text);
    CHECK(json(text) == "sound, " + std::to_string(text.size()));
  }
  CHECK(json("{\"a\":" + std::string(5000, '1') + "}") == "sound, 5006");
}

TEST_CASE("what authors write beyond JSON is no damage") {
  for (const std::string text : {"// by hand\n{\"a\":1}", "{\"a\":1, /* x */ \"b\":2}",
                                 "{\"a\":1} # end", "{'a':1}", "{a:1}", "{\"a\":True}"}) {
    INFO(text);
    CHECK(json(text).starts_with("cannot_tell"));
  }
  CHECK(json("{\"a\":[1,2,],}") == "sound, 13");
}

TEST_CASE("JSON that breaks off anywhere is truncated") {
  for (std::size_t size = 1; size < whole.size(); ++size) {
    INFO(size);
    CHECK(json(whole.substr(0, size)) == "truncated: its JSON breaks off");
  }
  CHECK(json("") == "truncated: an empty file");
  CHECK(json(" \n") == "truncated: an empty file");
}

TEST_CASE("JSON with zeros or other bytes in it is not the content") {
  CHECK(json(std::string(40, '\0')) == "not_the_content: zeros");
  CHECK(json("\xFF\xFE{") == "not_the_content: text in UTF-16");
  CHECK(json("\xEF\xBB\xBF{}") ==
        "not_the_content: JSON after a byte order mark, which loaders refuse");
  CHECK(json(whole + std::string(10, '\0')) == "not_the_content: JSON with zeros in it");
  CHECK(json("\xEF\xBB\xBF{\"a\":") == "truncated: its JSON breaks off");
  const auto only_marked = [](const std::string& text) {
    auto source = test::memory(text);
    const auto structure = examine_json(source);
    return structure && structure->only_marked;
  };
  CHECK(only_marked("\xEF\xBB\xBF{}"));
  CHECK(only_marked("\xEF\xBB\xBF{" + std::string(300'000, ' ') + "}"));
  CHECK_FALSE(only_marked("\xEF\xBB\xBF{"));
  CHECK_FALSE(only_marked("{}"));
  auto hole = whole;
  hole.replace(20, 8, std::string(8, '\0'));
  CHECK(json(hole) == "not_the_content: JSON with zeros in it");
  CHECK(json("hello") == "not_the_content: plain text");
  CHECK(json("../../blobs/abc") == "not_the_content: no valid JSON");
  CHECK(json("<!DOCTYPE html>\n<html>") == "not_the_content: an HTML page");
  CHECK(json(R"({"error":"Repository not found"})") == "not_the_content: a JSON error message");
  CHECK(json("Entry not found") == "not_the_content: an error message of the Hub");
  CHECK(json("{\"a\":1}{\"b\":2}") == "not_the_content: JSON that continues after its end");
  CHECK(json("{\"a\" 1}") == "not_the_content: no valid JSON");
  CHECK(json("{\"a\":\x80\x81}") == "not_the_content: no valid JSON");
  CHECK(json("[1}") == "not_the_content: no valid JSON");
}

TEST_CASE("a large file is judged by its ends") {
  const auto large = "{\"a\": \"" + std::string(400'000, 'x') + "\"}\n";
  CHECK(json(large) == "sound, " + std::to_string(large.size()));
  CHECK(json(large.substr(0, 300'000)) == "truncated: its JSON breaks off");
  CHECK(json(large.substr(0, 300'000) + std::string(5000, '\0')) ==
        "not_the_content: JSON with zeros in it");
  CHECK(json(std::string(400'000, '\0')) == "not_the_content: zeros");
  CHECK(json("<html>" + large) == "not_the_content: an HTML page");
}

TEST_CASE("very deep JSON ends the scan") {
  CHECK(json(std::string(100'000, '[')).starts_with("cannot_tell"));
}

TEST_CASE("a listing's size outweighs the text, but not zeros") {
  auto cut = test::memory(std::string_view(whole).substr(0, 30));
  CHECK(examine(FileFormat::json, cut)->outweighed_by_size);
  const std::string zeros(30, '\0');
  auto empty = test::memory(zeros);
  CHECK_FALSE(examine(FileFormat::json, empty)->outweighed_by_size);
}

TEST_CASE("of other text only zeros and pages are told") {
  const auto text = [](const std::string& bytes) {
    return test::examined(FileFormat::text, bytes);
  };
  CHECK(text(std::string(600, '\0')) == "not_the_content: zeros");
  CHECK(text(std::string(511, '\0') + "x").starts_with("cannot_tell"));
  CHECK(text("<!doctype html>") == "not_the_content: an HTML page");
  CHECK(text("{\"error\"").starts_with("cannot_tell"));
  CHECK(text("").starts_with("cannot_tell"));
}
