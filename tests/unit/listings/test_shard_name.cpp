#include "catch_any.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

TEST_CASE("shard names give their siblings") {
  struct Case {
    std::string name;
    std::uint32_t number;
    std::uint32_t count;
    std::string first;
  };
  const std::vector<Case> cases{
      {"model-00002-of-00006.safetensors", 2, 6, "model-00001-of-00006.safetensors"},
      {"unet/model.fp16-00001-of-00002.safetensors", 1, 2,
       "unet/model.fp16-00001-of-00002.safetensors"},
      {"model-00002-of-00002.fp16.safetensors", 2, 2, "model-00001-of-00002.fp16.safetensors"},
      {"pytorch_model-00003-of-00003.bin", 3, 3, "pytorch_model-00001-of-00003.bin"},
      {"a-of-b-00003-of-00003.gguf", 3, 3, "a-of-b-00001-of-00003.gguf"},
      {"model-00163-of-000163.safetensors", 163, 163, "model-00001-of-000163.safetensors"},
      {"x-99999-of-100000.pt", 99999, 100000, "x-00001-of-100000.pt"},
      {"model-00000-of-00002.safetensors", 0, 2, "model-00001-of-00002.safetensors"},
      {"variables/variables.data-00000-of-00002", 0, 2, "variables/variables.data-00001-of-00002"},
      {"model-2-of-3.safetensors", 2, 3, "model-1-of-3.safetensors"},
      {"model_00002-of-00003.safetensors", 2, 3, "model_00001-of-00003.safetensors"},
      {"model_2_of_3.bin", 2, 3, "model_1_of_3.bin"},
      {"T.Q8_0.gguf.part2of2", 2, 2, "T.Q8_0.gguf.part1of2"},
      {"a/T.gguf.part-02-of-11", 2, 11, "a/T.gguf.part-01-of-11"},
      {"w.2.of.3.npz", 2, 3, "w.1.of.3.npz"},
      {"model.part2of3.bin", 2, 3, "model.part1of3.bin"},
  };
  for (const auto& item : cases) {
    INFO(item.name);
    const auto shard = parse_shard_name(item.name);
    REQUIRE(shard);
    CHECK(shard->number == item.number);
    CHECK(shard->count == item.count);
    CHECK(shard->sibling(1) == item.first);
    CHECK(shard->sibling(item.number) == item.name);
  }
}

TEST_CASE("what only looks like a shard is none") {
  for (const std::string name : {"model.safetensors",
                                 "model-1-of-1.safetensors",
                                 "epoch-1-of-3.pt",
                                 "ckpt_step_1_of_3.bin",
                                 "fold1of5.pt",
                                 "expert_1_of_8.safetensors",
                                 "best-1-of-4.safetensors",
                                 "model-1_of-2.safetensors",
                                 "notes-1-of-2.md",
                                 "x.part1of2",
                                 "model-1-of-2000.safetensors",
                                 "model-00003-of-00002.safetensors",
                                 "train-00000-of-00003.parquet",
                                 "-00001-of-00002.bin",
                                 "00001-of-00002.bin",
                                 "model00001-of-00002.bin",
                                 "model-00001-of-00002",
                                 "model-00001-of-00002.json",
                                 "model-00001-of-00002.a.b.bin",
                                 "model-00001-of-00002..bin",
                                 "model-00001-of-00002bin",
                                 "model-00001-of-4000000000.bin",
                                 "model-00001-of-99999999999999999999.bin",
                                 "a-00001-of-00002.bin/x",
                                 "",
                                 "-of-",
                                 "a-00001-of-",
                                 "model-00001-of-00002.safetensors.index.json"}) {
    INFO(name);
    CHECK_FALSE(parse_shard_name(name));
  }
}
