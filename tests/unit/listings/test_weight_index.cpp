#include "catch_any.hpp"
#include "listings/listings.hpp"
#include "reading.hpp"

using namespace hfaudit;

namespace {

std::string index_outcome(const std::string& text) {
  auto source = test::memory(text);
  const auto files = read_weight_index(source);
  if (!files) return "error " + files.error().cause;
  std::string names;
  for (const auto& file : *files)
    names += file + " ";
  return names;
}

struct IndexCase {
  const char* what;
  std::string text;
  std::string outcome;
};

}  // namespace

TEST_CASE("a weight index gives its distinct files, sorted") {
  const std::vector<IndexCase> cases{
      {"two shards",
       R"({"metadata":{"total_size":9},"weight_map":{"a":"m-2.bin","b":"m-1.bin","c":"m-2.bin"}})",
       "m-1.bin m-2.bin "},
      {"no metadata", R"({"weight_map":{"a":"x"}})", "x "},
      {"a total size that is no integer",
       R"({"metadata":{"total_size":1.5e10},"weight_map":{"a":"x"}})", "x "},
      {"no tensor", R"({"weight_map":{}})", ""},
      {"a map elsewhere", R"({"x":{"weight_map":{"a":"y"}},"weight_map":{"a":"x"}})", "x "},
      {"two maps: the last wins", R"({"weight_map":{"a":"x"},"weight_map":{"b":"y"}})", "y "},
      {"in a folder", R"({"weight_map":{"a":"unet/x"}})", "unet/x "},
      {"a dot before it", R"({"weight_map":{"a":"./x","b":"x"}})", "x "},
  };
  for (const auto& item : cases) {
    INFO(item.what);
    CHECK(index_outcome(item.text) == item.outcome);
  }
}

TEST_CASE("damaged weight indices are malformed") {
  const std::vector<IndexCase> cases{
      {"cut off", R"({"weight_map":{"a":"x")", "error not valid JSON"},
      {"an error of the Hub", "Entry not found", "error not valid JSON"},
      {"no map", R"({"metadata":{}})", "error no weight_map"},
      {"a map that is a list", R"({"weight_map":["x"]})", "error no weight_map"},
      {"a file that is a number", R"({"weight_map":{"a":3}})",
       "error a tensor whose file is no name"},
      {"a file that is an object", R"({"weight_map":{"a":{"b":"x"}}})",
       "error a tensor whose file is no name"},
      {"a file that is empty", R"({"weight_map":{"a":""}})",
       "error a file name that leads out of the folder"},
      {"a file outside", R"({"weight_map":{"a":"../x"}})",
       "error a file name that leads out of the folder"},
      {"an absolute file", R"({"weight_map":{"a":"/x"}})",
       "error a file name that leads out of the folder"},
      {"a million deep", R"({"weight_map":)" + std::string(1'000'000, '['),
       "error JSON nested too deeply"},
  };
  for (const auto& item : cases) {
    INFO(item.what);
    CHECK(index_outcome(item.text) == item.outcome);
  }
}

TEST_CASE("an index with endlessly many files ends early") {
  std::string text = R"({"weight_map":{"t":"x")";
  for (int i = 0; i < 100'001; ++i)
    text += R"(,"t":"f)" + std::to_string(i) + '"';
  CHECK(index_outcome(text + "}}") == "error too many files");
}

TEST_CASE("weight indices are told by their names") {
  for (const std::string name :
       {"model.safetensors.index.json", "pytorch_model.bin.index.json",
        "unet/model.safetensors.index.fp16.json", "tf_model.h5.index.json",
        "flax_model.msgpack.index.json", "adapter_model.safetensors.index.json"}) {
    INFO(name);
    CHECK(is_weight_index(name));
  }
  for (const std::string name :
       {"index.json", "model.index.json", "model_index.json", "model.safetensors.index.json.bak",
        ".bin.index.json", "model.safetensors", "a.bin.index..json", "a.bin.index.x.y.json", ""}) {
    INFO(name);
    CHECK_FALSE(is_weight_index(name));
  }
}
