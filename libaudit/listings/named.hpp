// Small files of a repo that name other files, as the loaders of the ecosystem read them by name:
//
//   config.json, tokenizer_config.json, …   auto_map: {"AutoModel": "modeling_x.X"}, a list of such
//                                           with nulls, or "org/name--modeling_x.X"
//                                           (transformers src/transformers/dynamic_module_utils.py)
//   *.py                                    `from .x import y`: followed by get_relative_imports()
//   modules.json                            sentence-transformers base/model.py, */modules/*.py:
//                                           [{"path": "1_Pooling", "type": "….Pooling"}]
//   adapter_config.json                     peft: base_model_name_or_path
//   model_index.json                        diffusers pipeline_loading_utils.py: _class_name
//                                           ["my_pipeline", "MyPipeline"]
//   genai_config.json                       onnxruntime-genai src/config.h: filename,
//                                           config_filename, adapter_filename below "model"
//   X.mlpackage/Manifest.json               coremltools modelpackage/src/ModelPackage.cpp:
//                                           itemInfoEntries.*.path, below Data/
//   X.xml                                   OpenVINO: X.bin; without it XmlDeserializer ends with
//                                           "Empty weights data in bin file or bin file cannot be
//                                           found!"
//   ndarray-cache.json, tensor-cache.json   TVM src/runtime/relax_vm/ndarray_cache_support.cc, for
//                                           MLC: records[].dataPath
//   model.json                              TensorFlow.js: weightsManifest[].paths
//   state.json                              datasets, load_from_disk(): _data_files[].filename
//   dataset_dict.json                       datasets, load_from_disk(): a folder for each of splits
//   index.json                              MosaicML Streaming: shards[].raw_data.basename or
//                                           zip_data.basename
//   router_config.json                      sentence-transformers Router: a folder for each of
//                                           types, with the files of its class
//   config.json                             skops: sklearn.model.file; transformers:
//                                           custom_pipelines.*.impl; MNN: llm_model, llm_weight;
//                                           TensorRT-LLM: mapping.world_size files rank<N>
//   X.index                                 TensorFlow tensor_bundle: X.data-00000-of-00001
//   X.pdmodel; inference.json               Paddle Inference: X.pdiparams
//   X.param                                 ncnn: X.bin
//   X.mlmodelc/model.mil                    Core ML, compiled: BLOBFILE below @model_path
//   checklist.chk                           Llama's own checkpoints: md5sum of each file
//   open_clip_config.json                   open_clip: hf_tokenizer_name of text_cfg
//   config.yaml, hyperparams.yaml,          pyannote.audio, SpeechBrain, Spaces: named_yaml.cpp
//   README.md
//   .hfd/aria2c_urls.txt                    hfdownloader (hfd.sh): the files that it asks aria2c for
//   .metadata                               torch.distributed.checkpoint: a pickle with the name of
//                                           each file that tensors lie in (filesystem.py)
//   meta/info.json                          LeRobot: named_lerobot.cpp
//   *.onnx                                  onnx/onnx.proto: TensorProto.external_data; ONNX
//                                           docs/ExternalData.md
//
// Those of llama.cpp, CTranslate2, NeMo, fastText, timm and MLX name other files of the repo only
// by the weight indices and numbering that other readers know.
//
// All input is untrusted: sizes and counts are bounded, unsafe names are ignored. No function here
// throws.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"

namespace hfaudit {

enum class NamedKind : std::uint8_t {
  required,   // every loader of this file needs it
  part,       // of a set: wanted if another part of it is here
  listed,     // of the whole: a download without it is a subset
  weights,    // of a model of transformers; the path is their folder
  code,       // Python that loaders run with trust_remote_code
  dependency  // another repo
};

struct Named {
  NamedKind kind = NamedKind::required;
  // Below the snapshot. One of them is enough; one that ends with a slash is a folder, and an empty
  // one the snapshot's own.
  std::vector<std::string> paths;
  std::string repo;               // of a dependency: org/name; else only files of this repo count
  std::string named_by;           // the path of the file that names it
  std::uint64_t least_bytes = 0;  // that it must have; 0 if unknown
  bool in_cache = true;           // of a dependency; false if its repo folder is absent
};

enum class NamingFormat : std::uint8_t {
  none,
  auto_map,
  modules,
  adapter,
  pipeline,
  genai,
  mlpackage,
  openvino,
  tensor_cache,
  tfjs,
  dataset_state,
  dataset_dict,
  streaming,
  router,
  open_clip,
  checklist,
  coreml_program,
  tensor_bundle,
  paddle,
  ncnn,
  onnx,
  pyannote,
  speechbrain,
  space,
  lerobot,
  url_list,
  distributed
};

// By the file's path below the snapshot.
[[nodiscard]] NamingFormat naming_format_of(std::string_view path);

// The files that `path` names; empty if it is malformed, which the structure checks report. An
// error is an I/O error of the source.
[[nodiscard]] Result<std::vector<Named>> read_named(NamingFormat format, const std::string& path,
                                                    ByteSource& source);

// The readers by themselves. `text` is a whole JSON file.
[[nodiscard]] std::vector<Named> named_in_json(NamingFormat format, const std::string& path,
                                               std::string_view text);
[[nodiscard]] std::vector<Named> named_in_yaml(NamingFormat format, const std::string& path,
                                               std::string_view text);
[[nodiscard]] std::vector<Named> named_in_lerobot(const std::string& path, std::string_view text);
// Of graphs whose weights lie beside them, by their names or in few bytes of the graph.
[[nodiscard]] Result<std::vector<Named>> read_companions(NamingFormat format,
                                                         const std::string& path,
                                                         ByteSource& source);
// By the name alone. A folder of spaCy's with `cfg` has `model` (TrainablePipe.to_disk()), unless
// its component is untrained, as only other files show; tensors of TensorFlow lie beside their
// `.index`, and those of a SavedModel below `saved_model.pb` or `.cpb`
// (core/protobuf/saved_model.proto); `.distcp` of torch.distributed.checkpoint beside `.metadata`,
// or `__0.metadata` of a rank that saved alone (filesystem.py, FileSystemReader.read_metadata()).
[[nodiscard]] std::vector<Named> companions_by_name(const std::string& path);
// `text` is that of the Python file at `path`.
[[nodiscard]] std::vector<Named> relative_imports(const std::string& path, std::string_view text);
[[nodiscard]] Result<std::vector<Named>> read_onnx_externals(const std::string& path,
                                                             ByteSource& source);
// Whether it is the name of a repo rather than a path: "acme/six", "gpt2".
[[nodiscard]] bool is_repo_reference(std::string_view text);

}  // namespace hfaudit
