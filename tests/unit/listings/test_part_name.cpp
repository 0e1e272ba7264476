// Parts whose names do not say how many there are.
#include "catch_any.hpp"
#include "listings/part_name.hpp"

using namespace hfaudit;

namespace {

// "number, the next one"
std::string part(std::string_view path) {
  const auto name = parse_part_name(path);
  return name ? std::to_string(name->number) + ", " + name->sibling(name->number + 1) : "none";
}

}  // namespace

TEST_CASE("pieces of a cut file are counted with letters or digits") {
  CHECK(part("m.gguf-split-a") == "0, m.gguf-split-b");
  CHECK(part("q/m.Q8_0.gguf.part-b") == "1, q/m.Q8_0.gguf.part-c");
  CHECK(part("m.safetensors.partaz") == "25, m.safetensors.partba");
  CHECK(part("m.gguf.part9") == "9, m.gguf.part10");
  CHECK(part("m.gguf.split.0") == "0, m.gguf.split.1");
  CHECK(part("m.gguf.099") == "99, m.gguf.100");
  CHECK(part("m.gguf-split-z") == "25, ");
}

TEST_CASE("known series are counted in their own width") {
  CHECK(part("consolidated.00.pth") == "0, consolidated.01.pth");
  CHECK(part("original/consolidated.07.pth") == "7, original/consolidated.08.pth");
  CHECK(part("weights.00.npz") == "0, weights.01.npz");
  CHECK(part("model_00001.weights.h5") == "1, model_00002.weights.h5");
}

TEST_CASE("other names are no parts") {
  for (const std::string_view path :
       {"m.gguf", "m.gguf.part", "m.gguf.1", "m.gguf.part1of2", "step.00.pth", "m.gguf.partabc",
        "consolidated.0.pth", "m.gguf.sha256", ".gguf-split-a", "m.gguf.2024", ""}) {
    INFO(path);
    CHECK(part(path) == "none");
  }
}
