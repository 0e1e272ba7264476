#include "catch_any.hpp"
#include "listings/listings.hpp"
#include "reading.hpp"

using namespace hfaudit;

namespace {

std::string outcome(const std::string& text) {
  auto source = test::memory(text);
  const auto components = read_model_index(source);
  if (!components) return "error " + components.error().cause;
  std::string names;
  for (const auto& name : *components)
    names += name + " ";
  return names;
}

}  // namespace

TEST_CASE("a model index gives the components that have a folder") {
  CHECK(
      outcome(R"({"_class_name":"P","_x":["a","b"],"vae":["diffusers","A"],"unet":["diffusers","U"],
                   "safety_checker":[null,null],"image_encoder":["x",null],"requires_safety_checker":true,
                   "sizes":[1,2],"three":["a","b","c"],"one":["a"],"nested":[["a","b"]],"map":{"a":["b","c"]}})") ==
      "unet vae ");
  CHECK(outcome("{}").empty());
}

TEST_CASE("of equal components the last one wins") {
  CHECK(outcome(R"({"vae":["a","b"],"vae":[null,null]})").empty());
  CHECK(outcome(R"({"vae":3,"vae":["a","b"]})") == "vae ");
}

TEST_CASE("damaged model indices are malformed") {
  CHECK(outcome("") == "error not valid JSON");
  CHECK(outcome("[]") == "error JSON of another shape");
  CHECK(outcome(R"({"vae":["a","b"])") == "error not valid JSON");
  CHECK(outcome(R"({"../vae":["a","b"]})") == "error a component whose name is no folder's");
  CHECK(outcome(R"({"a/b":["a","b"]})") == "error a component whose name is no folder's");
}
