#include "listings/sentence_module.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace hfaudit {
namespace {

enum class Weights : std::uint8_t { no, yes, model };

struct ModuleClass {
  std::string_view type, config, other_config;
  Weights weights;
};

// sentence-transformers base/model.py, */modules/*.py
constexpr std::array module_classes{
    ModuleClass{"Transformer", "config.json", "adapter_config.json", Weights::model},
    ModuleClass{"MLMTransformer", "config.json", "adapter_config.json", Weights::model},
    ModuleClass{"Router", "router_config.json", "config.json", Weights::no},
    ModuleClass{"Asym", "router_config.json", "config.json", Weights::no},
    ModuleClass{"Pooling", "config.json", {}, Weights::no},
    ModuleClass{"SpladePooling", "config.json", {}, Weights::no},
    ModuleClass{"Dropout", "config.json", {}, Weights::no},
    ModuleClass{"CLIPModel", "config.json", {}, Weights::model},
    ModuleClass{"BoW", "config.json", {}, Weights::no},
    ModuleClass{"WordWeights", "config.json", {}, Weights::no},
    ModuleClass{"Dense", "config.json", {}, Weights::yes},
    ModuleClass{"LayerNorm", "config.json", {}, Weights::yes},
    ModuleClass{"WeightedLayerPooling", "config.json", {}, Weights::yes},
    ModuleClass{"SparseAutoEncoder", "config.json", {}, Weights::yes},
    ModuleClass{"CNN", "cnn_config.json", {}, Weights::yes},
    ModuleClass{"LSTM", "lstm_config.json", {}, Weights::yes},
    ModuleClass{"WordEmbeddings", "wordembedding_config.json", {}, Weights::yes},
    ModuleClass{"StaticEmbedding", "tokenizer.json", {}, Weights::yes},
};

}  // namespace

ModuleFiles files_of_module(std::string_view type) {
  const auto known = std::find_if(module_classes.begin(), module_classes.end(),
                                  [&](const ModuleClass& one) { return one.type == type; });
  if (known == module_classes.end()) return {};
  ModuleFiles files{
      {known->config}, known->weights == Weights::yes, known->weights == Weights::model};
  if (!known->other_config.empty()) files.one_of.push_back(known->other_config);
  return files;
}

}  // namespace hfaudit
