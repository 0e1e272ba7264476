#include "listings/sentence_module.hpp"

#include <algorithm>
#include <array>

namespace hfaudit {
namespace {

enum class Weights : bool { no, yes };

struct ModuleClass {
  std::string_view type, config, other_config;
  Weights weights;
};

// sentence-transformers base/model.py, */modules/*.py
constexpr std::array module_classes{
    ModuleClass{"Transformer", "config.json", "adapter_config.json", Weights::no},
    ModuleClass{"MLMTransformer", "config.json", "adapter_config.json", Weights::no},
    ModuleClass{"Router", "router_config.json", "config.json", Weights::no},
    ModuleClass{"Asym", "router_config.json", "config.json", Weights::no},
    ModuleClass{"Pooling", "config.json", {}, Weights::no},
    ModuleClass{"SpladePooling", "config.json", {}, Weights::no},
    ModuleClass{"Dropout", "config.json", {}, Weights::no},
    ModuleClass{"CLIPModel", "config.json", {}, Weights::no},
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
  ModuleFiles files{{known->config}, known->weights == Weights::yes};
  if (!known->other_config.empty()) files.one_of.push_back(known->other_config);
  return files;
}

}  // namespace hfaudit
