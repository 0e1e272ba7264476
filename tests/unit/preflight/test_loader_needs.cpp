// preflight --for LOADER: what is missing, by the names of the files that are here.
#include "catch_any.hpp"
#include "preflight/loader_needs.hpp"

using namespace hfaudit;

namespace {

using Files = std::vector<std::string>;

}  // namespace

TEST_CASE("a loader finds what it needs in a repo of its kind") {
  const std::vector<std::pair<const char*, Files>> whole{
      {"transformers", {"config.json", "model.safetensors", "tokenizer.json"}},
      {"transformers",
       {"config.json", "pytorch_model-00001-of-00002.bin", "preprocessor_config.json"}},
      {"sentence-transformers", {"modules.json", "model.safetensors", "vocab.txt"}},
      {"sentence-transformers",
       {"modules.json", "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json"}},
      {"diffusers", {"model_index.json", "unet/diffusion_pytorch_model.safetensors"}},
      {"peft", {"adapter_config.json", "adapter_model.safetensors"}},
      {"onnxruntime", {"onnx/model.onnx"}},
      {"llama.cpp", {"T.Q4_K_M.gguf"}},
      {"mlx", {"config.json", "weights.npz", "tokenizer.model"}},
      {"ctranslate2", {"model.bin", "shared_vocabulary.json"}},
      {"vllm", {"params.json", "consolidated.safetensors", "tekken.json"}},
      {"tgi", {"config.json", "model.safetensors", "tokenizer.json"}},
      {"tokenizer", {"tokenizer.json"}},
      {"datasets", {"README.md", "data/train-00000-of-00001.parquet"}},
  };
  for (const auto& [name, files] : whole) {
    INFO(name);
    const auto loader = parse_loader(name);
    REQUIRE(loader);
    CHECK(lacking_for(*loader, files).empty());
  }
}

TEST_CASE("a loader names what it lacks") {
  CHECK(lacking_for(Loader::transformers, {"config.json", "model.safetensors"})
            .starts_with("no tokenizer and no processor"));
  CHECK(lacking_for(Loader::transformers, {"tokenizer.json", "model.safetensors"}) ==
        "no config.json");
  // a tokenizer of a component is not the model's
  CHECK_FALSE(lacking_for(Loader::transformers,
                          {"config.json", "model.safetensors", "tokenizer/tokenizer.json"})
                  .empty());
  CHECK(lacking_for(Loader::llama_cpp, {"model.safetensors"}) == "no GGUF file");
  CHECK(lacking_for(Loader::onnxruntime, {"model.safetensors"}) == "no ONNX model");
  CHECK_FALSE(lacking_for(Loader::llama_cpp, {"mmproj-f16.gguf", "imatrix.gguf"}).empty());
  CHECK_FALSE(lacking_for(Loader::ctranslate2, {"model.bin", "source_vocabulary.txt"}).empty());
  CHECK_FALSE(lacking_for(Loader::ctranslate2, {"model.bin", "tokenizer.json"}).empty());
  CHECK(lacking_for(Loader::ctranslate2,
                    {"model.bin", "source_vocabulary.txt", "target_vocabulary.txt"})
            .empty());
  CHECK_FALSE(lacking_for(Loader::datasets, {"README.md", "dataset_infos.json"}).empty());
  CHECK_FALSE(lacking_for(Loader::datasets, {"LICENSE.txt", "croissant.yaml"}).empty());
  for (const std::string file : {"train/1.PNG", "a.JSONL", "a.aiff", "a.unknown"}) {
    INFO(file);
    CHECK(lacking_for(Loader::datasets, {"README.md", file}).empty());
  }
  CHECK_FALSE(lacking_for(Loader::tokenizer, {"._tokenizer.json"}).empty());
  CHECK_FALSE(parse_loader("torch"));
}

TEST_CASE("a tokenizer and a dataset need no weights, and only some loaders run code") {
  CHECK_FALSE(loads_weights(Loader::tokenizer));
  CHECK_FALSE(loads_weights(Loader::datasets));
  CHECK(loads_weights(Loader::vllm));
  CHECK(runs_model_code(Loader::sglang));
  CHECK_FALSE(runs_model_code(Loader::llama_cpp));
  CHECK(loads_other_repos(Loader::peft));
}

TEST_CASE("a tokenizer needs the vocabulary of its class") {
  const auto lacking = [](const Files& names, const std::string& tokenizer_config,
                          const std::string& config = "{}") {
    auto files = names;
    files.emplace_back("tokenizer_config.json");
    return lacking_vocabulary_for(
        Loader::tokenizer, files,
        {{"tokenizer_config.json", tokenizer_config}, {"config.json", config}});
  };
  const std::string gpt2 = R"({"tokenizer_class": "GPT2Tokenizer"})";
  CHECK(lacking({"vocab.json", "merges.txt"}, gpt2).empty());
  CHECK(lacking({"tokenizer.json"}, gpt2).empty());
  CHECK(lacking({"vocab.json"}, gpt2) == "no merges.txt beside vocab.json");
  CHECK(lacking({"merges.txt"}, "{}", R"({"model_type": "roberta"})") ==
        "no vocab.json beside merges.txt");
  CHECK(lacking({}, R"({"tokenizer_class":"LlamaTokenizerFast"})").starts_with("no vocabulary"));
  CHECK(lacking({}, "{}", R"({"model_type": "bert"})").starts_with("no vocabulary"));
  CHECK(lacking({"tokenizer.model"}, R"({"tokenizer_class": "LlamaTokenizer"})").empty());
  // without a vocabulary, of another form, of the repo's own code, of an unknown class
  CHECK(lacking({}, R"({"tokenizer_class": "ByT5Tokenizer"})", R"({"model_type": "t5"})").empty());
  CHECK(lacking({"vocab.json"}, R"({"tokenizer_class": "Wav2Vec2CTCTokenizer"})").empty());
  CHECK(lacking({"x.odd"}, R"({"tokenizer_class": "GPT2Tokenizer", "auto_map": {}})").empty());
  CHECK(lacking({}, R"({"tokenizer_class": "AcmeTokenizer"})").empty());
  CHECK(lacking({}, "{}").empty());
}

TEST_CASE("a pipeline's tokenizers have folders of their own") {
  const Files files{"model_index.json", "tokenizer/merges.txt", "tokenizer/tokenizer_config.json"};
  const std::map<std::string, std::string> texts{
      {"tokenizer/tokenizer_config.json", R"({"tokenizer_class": "CLIPTokenizer"})"}};
  CHECK(lacking_vocabulary_for(Loader::diffusers, files, texts) ==
        "no vocab.json beside merges.txt in tokenizer/");
  CHECK(lacking_vocabulary_for(Loader::transformers, files, texts).empty());
  CHECK(lacking_vocabulary_for(Loader::onnxruntime, files, texts).empty());
}
