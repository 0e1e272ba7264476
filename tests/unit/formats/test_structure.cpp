#include "catch_any.hpp"
#include "format_builders.hpp"
#include "formats/examine.hpp"
#include "structure_text.hpp"

using namespace hfaudit;
using test::examined;

namespace {
constexpr FileFormat binaries[] = {FileFormat::safetensors, FileFormat::gguf, FileFormat::torch,
                                   FileFormat::binary};
constexpr FileFormat headed[] = {FileFormat::safetensors, FileFormat::gguf};
}  // namespace

TEST_CASE("formats are told by the name") {
  const std::vector<std::pair<std::string, FileFormat>> cases{
      {"model.safetensors", FileFormat::safetensors},
      {"a/B.SafeTensors", FileFormat::safetensors},
      {"x-00001-of-00002.gguf", FileFormat::gguf},
      {"pytorch_model.bin", FileFormat::torch},
      {"text_encoder/pytorch_model.fp16.bin", FileFormat::torch},
      {"pytorch_lora_weights.bin", FileFormat::torch},
      {"x-00001-of-00002.bin", FileFormat::torch},
      {"optimizer.bin", FileFormat::torch},
      {"best.pt", FileFormat::torch},
      {"a.pth", FileFormat::torch},
      {"last.ckpt", FileFormat::torch},
      {"model/vocab.bin", FileFormat::binary},
      {"tokens.bin", FileFormat::binary},
      {"config.json", FileFormat::json_object},
      {"modules.json", FileFormat::json},
      {"vae/tokenizer_config.json", FileFormat::json_object},
      {"vae/config.json", FileFormat::json},
      {"my_config.json", FileFormat::other},
      {"README.md", FileFormat::other},
      {"merges.txt", FileFormat::text},
      {"notes.txt", FileFormat::other},
      {"modeling_x.py", FileFormat::text},
      {"src/x.py", FileFormat::other},
      {"a/vocab.txt", FileFormat::text},
      {"train.parquet", FileFormat::parquet},
      {"data-00000-of-00001.arrow", FileFormat::arrow},
      {"weights.npz", FileFormat::zip},
      {"x.nemo", FileFormat::tar},
      {"tf_model.h5", FileFormat::hdf5},
      {"model.onnx", FileFormat::onnx},
      {"model.onnx_data", FileFormat::other},
      {"model.safetensors.index.json", FileFormat::other},
      {"gguf", FileFormat::other},
      {"a.gguf/x", FileFormat::other},
      {"", FileFormat::other},
  };
  for (const auto& [name, format] : cases) {
    INFO(name);
    CHECK(format_of(name) == format);
  }
}

TEST_CASE("an LFS pointer is told in any file, with what it stands for") {
  const auto pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') +
      "\nsize 9\n";
  for (const auto format :
       {FileFormat::other, FileFormat::safetensors, FileFormat::gguf, FileFormat::torch}) {
    auto source = test::memory(pointer);
    const auto structure = examine(format, source);
    REQUIRE(structure);
    CHECK(structure->state == StructureState::lfs_pointer);
    REQUIRE(structure->pointer);
    CHECK(structure->pointer->size == 9);
    CHECK(structure->expected_size == 9);
  }
}

TEST_CASE("error pages in place of weights are told") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"<!DOCTYPE html>\n<html lang=\"en\">", "an HTML page"},
      {"\xEF\xBB\xBF \r\n<HTML><head>", "an HTML page"},
      {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "an XML error message"},
      {R"({"error":"Repository not found"})", "a JSON error message"},
      {"{ \"error\": 1}", "a JSON error message"},
      {"Entry not found", "an error message of the Hub"},
      {"Repository not found\n", "an error message of the Hub"},
      {"Invalid username or password.", "an error message of the Hub"},
      {"Access to model a/b is restricted. You must be authenticated.",
       "an error message of the Hub"},
  };
  for (const auto& [body, what] : cases) {
    for (const auto format : binaries) {
      INFO(body);
      CHECK(examined(format, body) == "not_the_content: " + what);
    }
  }
}

TEST_CASE("text, JSON, gzip and zeros are foreign where a header must be") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"a":[1,2,3]})", "a JSON document"},
      {"[1,2,3,4,5,6]", "a JSON document"},
      {"some words that are no model", "plain text"},
      {"<?xml version=\"1.0\"?><svg/>", "an XML document"},
      {std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10) + "\xff\xfe\xfd", "gzip data"},
      {std::string(5000, '\0'), "zeros"},
  };
  for (const auto& [body, what] : cases) {
    for (const auto format : headed) {
      INFO(body);
      CHECK(examined(format, body) == "not_the_content: " + what);
    }
  }
}

TEST_CASE("a .bin may hold anything that is not an error page") {
  for (const auto& body :
       {std::string(5000, '\0') + "x", std::string("[1,2,3]"),
        std::string(R"({"vocab":{"error":1}})"),
        std::string("the first word of a vocabulary\nthe second\n"),
        std::string("<?xml version=\"1.0\"?><net/>"), std::string("<s>\n</s>\n<unk>\n"),
        std::string("Access"), std::string("\x1f\x8b\x08\0", 4),
        "Entry not found" + std::string(1000, 'x'), std::string("\x93NUMPY\1\0", 8)}) {
    INFO(body);
    CHECK(examined(FileFormat::binary, body) == "cannot_tell: not a zip archive");
    CHECK(examined(FileFormat::opaque, body) == "cannot_tell: no format with a structure to check");
  }
}

TEST_CASE("what torch.load() refuses is told, unless a listing has it") {
  for (const auto& [body, what] : std::vector<std::pair<std::string, std::string>>{
           {"<?xml version=\"1.0\"?><net/>", "an XML document"},
           {std::string("\x1f\x8b\x08\0", 4), "gzip data"},
           {"404: Not Found", "an error message"}}) {
    INFO(body);
    CHECK(examined(FileFormat::torch, body) == "not_the_content: " + what);
    auto source = test::memory(body);
    CHECK(examine(FileFormat::torch, source)->outweighed_by_size);
  }
  CHECK(examined(FileFormat::torch, "{}") == "cannot_tell: not a zip archive");
  CHECK(examined(FileFormat::torch, "import os; os.environ.get('X')\n") ==
        "cannot_tell: not a zip archive");
}

TEST_CASE("answers of servers are told where a format begins with other bytes") {
  for (const std::string body : {"404: Not Found", "upstream connect error or disconnect",
                                 "429 Too Many Requests", R"({"status":403,"message":"Forbidden"})",
                                 R"([{"error":"gated"}])", "<!-- gateway --><html>504</html>"}) {
    for (const auto format : {FileFormat::binary, FileFormat::opaque, FileFormat::hdf5,
                              FileFormat::msgpack, FileFormat::torch}) {
      INFO(body);
      CHECK(examined(format, body).starts_with("not_the_content: "));
    }
  }
}

TEST_CASE("MessagePack is counted to its end") {
  const auto format = FileFormat::msgpack;
  const std::string whole(
      "\x82\xa1w\xc7\x04\x01"
      "abcd"
      "\xa1"
      "b\x81\xa1x\xcd\1\0",
      18);
  CHECK(examined(format, whole).starts_with("sound"));
  for (std::size_t size = 2; size < whole.size(); ++size) {
    INFO(size);
    CHECK(examined(format, whole.substr(0, size)) == "truncated: its values go on behind its end");
  }
  CHECK(examined(format, whole + "x") == "cannot_tell: MessagePack that continues after its end");
  CHECK(examined(format, "\x93\1\2\3") == "cannot_tell: no map of MessagePack");
  CHECK(examined(format, std::string("\x81\xa1w\xc6\xff\xff\xff\xff"
                                     "ab",
                                     10)) == "truncated: its values go on behind its end");
}

TEST_CASE("a configuration is an object") {
  for (const std::string text : {"null", "[]", "1", "\"x\"", "true\n"}) {
    INFO(text);
    CHECK(examined(FileFormat::json_object, text) == "not_the_content: no JSON object");
    CHECK(examined(FileFormat::json, text).starts_with("sound"));
  }
  CHECK(examined(FileFormat::json_object, " {} ").starts_with("sound"));
}

TEST_CASE("an empty file is truncated, except a .bin that is not named as weights are") {
  CHECK(examined(FileFormat::safetensors, "") == "truncated: an empty file");
  CHECK(examined(FileFormat::gguf, "") == "truncated: an empty file");
  CHECK(examined(FileFormat::torch, "") == "truncated: an empty file");
  CHECK(examined(FileFormat::binary, "") == "cannot_tell: an empty file");
  CHECK(examined(FileFormat::torch, std::string(4096, '\0')) == "not_the_content: zeros");
  CHECK(examined(FileFormat::binary, std::string(4096, '\0')) == "cannot_tell: not a zip archive");
  CHECK(examined(FileFormat::other, "") == "cannot_tell: no format with a structure to check");
}

TEST_CASE("large files of no format are not read") {
  test::EndlessSource source(5000, "", "x");
  CHECK(test::describe(examine(FileFormat::other, source)) ==
        "cannot_tell: no format with a structure to check");
  CHECK(source.bytes == 0);
}
