// The lists follow the loaders' own: transformers (utils/__init__.py, tokenization_utils_base.py,
// modeling_utils.py), sentence-transformers (SentenceTransformer.py), diffusers
// (pipelines/pipeline_loading_utils.py), peft (utils/constants.py), optimum's ONNX Runtime models,
// llama.cpp (common/download.cpp), mlx-lm (utils.py), CTranslate2 (src/models/model.cc), vLLM and
// SGLang (model_loader), text-generation-inference (utils/hub.py), datasets (data_files.py).
#include "preflight/loader_needs.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <string_view>

#include "base/fnmatch.hpp"
#include "base/path.hpp"
#include "listings/file_role.hpp"
#include "listings/tokenizer_files.hpp"

namespace hfaudit {
namespace {

// One thing that a loader needs: any file that matches one of the patterns, directly in the
// snapshot unless the pattern has a slash.
struct Need {
  std::string_view phrase;
  std::vector<std::string_view> patterns;
};

const Need config{"no config.json", {"config.json"}};
const Need any_config{"no config.json and no params.json", {"config.json", "params.json"}};
const Need tokenizer{
    "no tokenizer (tokenizer.json, tokenizer.model, vocab.txt, …)",
    {"tokenizer.json", "tokenizer.model", "tokenizer.model.v*", "tokenizer_config.json",
     "vocab.txt", "vocab.json", "vocab.bpe", "spiece.model", "sentencepiece.*model", "source.spm",
     "tekken.json", "*.tiktoken", "entity_vocab.json", "spm*.model", "bpe.codes", "vocab-src.json",
     "prophetnet.tokenizer"}};
const Need tokenizer_or_processor{
    "no tokenizer and no processor (tokenizer.json, preprocessor_config.json, …)",
    {"tokenizer.json",
     "tokenizer.model",
     "tokenizer.model.v*",
     "tokenizer_config.json",
     "vocab.txt",
     "vocab.json",
     "vocab.bpe",
     "spiece.model",
     "sentencepiece.*model",
     "source.spm",
     "tekken.json",
     "*.tiktoken",
     "entity_vocab.json",
     "spm*.model",
     "bpe.codes",
     "vocab-src.json",
     "prophetnet.tokenizer",
     "preprocessor_config.json",
     "processor_config.json",
     "video_preprocessor_config.json",
     "image_processor_config.json"}};
const Need torch_weights{
    "no weights that transformers loads",
    {"model*.safetensors", "pytorch_model*.bin", "*.gguf", "tf_model*.h5", "flax_model*.msgpack",
     "adapter_model.safetensors", "adapter_model.bin", "model*.bin", "*.safetensors"}};
const Need server_weights{"no weights that the server loads",
                          {"*.safetensors", "*.bin", "*.pt", "*.gguf", "*.pth"}};
const Need sentence_weights{
    "no weights",
    {"*.safetensors", "*.bin", "*/*.safetensors", "*/*.bin", "onnx/*.onnx", "openvino/*.xml"}};
const Need sentence_tokenizer{"no tokenizer",
                              {"tokenizer.json", "tokenizer_config.json", "vocab.txt", "*.model",
                               "*/tokenizer.json", "*/tokenizer_config.json", "*/vocab.txt",
                               "preprocessor_config.json", "*/preprocessor_config.json",
                               "*/whitespacetokenizer_config.json", "*/sentencepiece.bpe.model"}};
const Need data_files{"no data file (parquet, arrow, json, csv, text, images, archives)", {"*"}};

std::vector<Need> needs_of(Loader loader) {
  switch (loader) {
    case Loader::transformers:
      return {config, torch_weights, tokenizer_or_processor};
    case Loader::sentence_transformers:
      return {{"no modules.json and no config.json", {"modules.json", "config.json"}},
              sentence_weights,
              sentence_tokenizer};
    case Loader::diffusers:
      return {
          {"no model_index.json and no config.json", {"model_index.json", "config.json"}},
          {"no weights",
           {"*.safetensors", "*.bin", "*/*.safetensors", "*/*.bin", "*/*.msgpack", "*/*.onnx"}}};
    case Loader::peft:
      return {{"no adapter_config.json", {"adapter_config.json"}},
              {"no weights of the adapter", {"adapter_model.safetensors", "adapter_model.bin"}}};
    case Loader::onnxruntime:
      return {{"no ONNX model", {"*.onnx", "*/*.onnx", "*.ort", "*/*.ort"}}};
    case Loader::llama_cpp:
      return {{"no GGUF file", {"*.gguf", "*/*.gguf"}}};
    case Loader::mlx:
      return {config, {"no weights that MLX loads", {"*.safetensors", "*.npz"}}, tokenizer};
    case Loader::ctranslate2:
      return {{"no model.bin", {"model.bin"}},
              {"no vocabulary (vocabulary.*, shared_vocabulary.*, target_vocabulary.*)",
               {"vocabulary.*", "shared_vocabulary.*", "target_vocabulary.*"}},
              {"no vocabulary of the source (source_vocabulary.*)",
               {"vocabulary.*", "shared_vocabulary.*", "source_vocabulary.*",
                "source_1_vocabulary.*"}}};
    case Loader::vllm:
    case Loader::sglang:
      return {any_config, server_weights, tokenizer_or_processor};
    case Loader::tgi:
      return {config, server_weights, tokenizer_or_processor};
    case Loader::tokenizer:
      return {tokenizer};
    case Loader::datasets:
      return {data_files};
  }
  return {};
}

// `*` in a pattern without a slash stays in the snapshot's own folder; a dataset's files lie
// anywhere.
bool is_found(const Need& need, const std::vector<std::string>& files, bool anywhere) {
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    return std::any_of(need.patterns.begin(), need.patterns.end(), [&](std::string_view pattern) {
      const bool deep = pattern.find('/') != std::string_view::npos;
      if (!deep && !anywhere && file.find('/') != std::string::npos) return false;
      return fnmatch(pattern, anywhere ? last_component(file) : std::string_view(file));
    });
  });
}

// datasets reads about a hundred formats (packaged_modules/), so every file counts except those that
// data sets without data have, too: README.md, dataset_infos.json.
bool is_data(std::string_view file) {
  const auto name = last_component(file);
  for (const std::string_view extension :
       {".yaml", ".yml", ".cff", ".toml", ".cfg", ".sh", ".ipynb", ".html"}) {
    if (name.ends_with(extension)) return false;
  }
  const bool document = is_document(file) && !name.ends_with(".pdf");
  return !document && name != "dataset_infos.json" && name != "dataset_info.json" &&
         name != "state.json" && !name.starts_with('.') && !name.starts_with("README") &&
         !name.starts_with("LICENSE") && name != "requirements.txt";
}

// llama.cpp (common/download.cpp) loads these beside a model.
bool is_beside_model(std::string_view file) {
  const auto name = last_component(file);
  return name.find("mmproj") != std::string_view::npos || name.starts_with("imatrix");
}

}  // namespace

std::optional<Loader> parse_loader(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Loader>, 13> names{{
      {"transformers", Loader::transformers},
      {"sentence-transformers", Loader::sentence_transformers},
      {"diffusers", Loader::diffusers},
      {"peft", Loader::peft},
      {"onnxruntime", Loader::onnxruntime},
      {"llama.cpp", Loader::llama_cpp},
      {"mlx", Loader::mlx},
      {"ctranslate2", Loader::ctranslate2},
      {"vllm", Loader::vllm},
      {"sglang", Loader::sglang},
      {"tgi", Loader::tgi},
      {"tokenizer", Loader::tokenizer},
      {"datasets", Loader::datasets},
  }};
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const auto& name) { return name.first == text; });
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

bool loads_weights(Loader loader) {
  return loader != Loader::tokenizer && loader != Loader::datasets;
}

bool runs_model_code(Loader loader) {
  return loader == Loader::transformers || loader == Loader::sentence_transformers ||
         loader == Loader::vllm || loader == Loader::sglang || loader == Loader::tgi;
}

bool loads_other_repos(Loader loader) {
  return runs_model_code(loader) || loader == Loader::peft;
}

std::string lacking_for(Loader loader, const std::vector<std::string>& files) {
  const bool anywhere = loader == Loader::datasets;
  std::vector<std::string> data;
  std::copy_if(files.begin(), files.end(), std::back_inserter(data), [&](const std::string& file) {
    if (loader == Loader::llama_cpp && is_beside_model(file)) return false;
    return !is_system_file(file) && (!anywhere || is_data(file));
  });
  for (const auto& need : needs_of(loader)) {
    if (!is_found(need, data, anywhere)) return std::string(need.phrase);
  }
  return {};
}

std::string lacking_vocabulary_for(Loader loader, const std::vector<std::string>& files,
                                   const std::map<std::string, std::string>& texts) {
  const bool in_root = loader == Loader::tokenizer || loader == Loader::mlx ||
                       (runs_model_code(loader) && loader != Loader::sentence_transformers);
  const bool in_components = loader == Loader::diffusers;
  std::set<std::string_view> folders;
  if (in_root) folders.insert("");
  for (const std::string_view file : files) {
    const auto folder = parent_path(file);
    if (in_components && folder.starts_with("tokenizer") &&
        folder.find('/') == std::string_view::npos)
      folders.insert(folder);
  }
  const auto text = [&](const std::string& path) {
    const auto found = texts.find(path);
    return found == texts.end() ? std::string_view() : std::string_view(found->second);
  };
  for (const auto folder : folders) {
    std::vector<std::string> names;
    for (const auto& file : files) {
      if (parent_path(file) == folder && !is_system_file(file))
        names.emplace_back(last_component(file));
    }
    const auto prefix = folder.empty() ? std::string() : std::string(folder) + "/";
    // the configuration of a pipeline is another one
    const TokenizerTexts of{text(prefix + "tokenizer_config.json"),
                            folder.empty() ? text("config.json") : std::string_view()};
    const auto lacking = lacking_vocabulary(of, names);
    if (!lacking.empty()) return lacking + (folder.empty() ? "" : " in " + prefix);
  }
  return {};
}

}  // namespace hfaudit
