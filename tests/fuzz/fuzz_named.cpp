#include <algorithm>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/named.hpp"
#include "listings/tokenizer_files.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  // The first byte: which file, and in SparseSource how large.
  constexpr const char* names[] = {
      "config.json",      "modules.json",          "adapter_config.json",
      "model_index.json", "genai_config.json",     "M.mlpackage/Manifest.json",
      "model.xml",        "ndarray-cache.json",    "model.json",
      "train/state.json", "open_clip_config.json", "onnx/model.onnx",
      "config.yaml",      "hyperparams.yaml",      "README.md",
      "meta/info.json",   ".hfd/aria2c_urls.txt",  ".metadata"};
  if (input.empty()) return;
  const std::string path = names[static_cast<unsigned char>(input.front()) % std::size(names)];
  fuzz::SparseSource source(input.substr(1), fuzz::claimed_size(input));
  const auto named = read_named(naming_format_of(path), path, source);
  fuzz::require(named.has_value());
  auto all = *named;
  const auto imports = relative_imports("a/m.py", input);
  all.insert(all.end(), imports.begin(), imports.end());
  const auto text = input.substr(1);
  for (const auto& files : {std::vector<std::string>{}, {"vocab.json", "tokenizer_config.json"}})
    (void)lacking_vocabulary({text, text}, files);
  for (const auto& one : all) {
    fuzz::require((one.kind == NamedKind::dependency) == one.paths.empty());
    fuzz::require(one.kind != NamedKind::dependency || is_repo_reference(one.repo));
    for (std::string_view file : one.paths) {
      if (file.ends_with('/')) file.remove_suffix(1);
      fuzz::require(is_safe_relative_path(file));
    }
  }
}
