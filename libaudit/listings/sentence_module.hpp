// The files that the classes of sentence-transformers read in the folder of their module.
#pragma once

#include <string_view>
#include <vector>

namespace hfaudit {

struct ModuleFiles {
  std::vector<std::string_view> one_of;  // configs, one of which is needed; empty: none
  bool weights = false;                  // model.safetensors or pytorch_model.bin
  // A model of transformers: weights of any form that it loads, in the folder of the module or in
  // `onnx` or `openvino` below it.
  bool model = false;
};

// `type`: the class without its package. Those without an entry, as Normalize, are made without any
// file, and git drops empty folders.
[[nodiscard]] ModuleFiles files_of_module(std::string_view type);

}  // namespace hfaudit
