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

TEST_CASE("archives are cut in pieces and in volumes") {
  CHECK(part("m.7z.002") == "2, m.7z.003");
  CHECK(part("m.tar.gz.ab") == "1, m.tar.gz.ac");
  CHECK(part("m.tar.gz.part-aa") == "0, m.tar.gz.part-ab");
  CHECK(part("d.tar.part.0") == "0, d.tar.part.1");
  CHECK(part("m.part01.rar") == "1, m.part02.rar");
  CHECK(part("x/m.r00") == "0, x/m.r01");
  CHECK(part("x/m.z09") == "9, x/m.z10");
  CHECK(parse_part_name("x/m.r00")->main == "x/m.rar");
  CHECK(parse_part_name("x/m.z01")->main == "x/m.zip");
  CHECK(parse_part_name("m.zip.bk")->plain);
  CHECK_FALSE(parse_part_name("m.zip.part-bk")->plain);
}

TEST_CASE("known series are counted in their own width") {
  CHECK(part("consolidated.00.pth") == "0, consolidated.01.pth");
  CHECK(part("original/consolidated.07.pth") == "7, original/consolidated.08.pth");
  CHECK(part("weights.00.npz") == "0, weights.01.npz");
  CHECK(part("model_00001.weights.h5") == "1, model_00002.weights.h5");
}

TEST_CASE("other names are no parts") {
  for (const std::string_view path :
       {"m.gguf",        "m.gguf.part",    "m.gguf.1",    "m.gguf.part1of2",
        "step.00.pth",   "m.gguf.partabc", "m.zip",       "m.tar.gz",
        "m.gz.json",     "m.rar",          "m.party.rar", "m.x01",
        "m.z1",          "m.zip.md5sum",   "m.pth-100",   "consolidated.0.pth",
        "m.gguf.sha256", ".gguf-split-a",  "m.gguf.2024", ""}) {
    INFO(path);
    CHECK(part(path) == "none");
  }
}
