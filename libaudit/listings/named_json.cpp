// JSON files that name other files (listings/named.hpp lists them with their loaders).
#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/path.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"
#include "listings/named.hpp"
#include "listings/sentence_module.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t most_named = 20'000;
// Passes each value on with the keys that lead to it; the key of an element of a list is empty.
class KeyPathHandler final : public JsonHandler {
 public:
  using Keys = std::vector<std::string>;
  using Visit = std::function<bool(const Keys&, const JsonValue&)>;
  explicit KeyPathHandler(Visit visit) : visit_(std::move(visit)) {}

  bool on_key(std::string_view key, std::size_t level) override {
    keys_.resize(level);
    keys_.back() = key;
    return true;
  }
  bool on_value(const JsonValue& value, std::size_t level) override {
    keys_.resize(level);
    return visit_(keys_, value);
  }
  bool on_close(std::size_t level) override {
    keys_.resize(level);
    return true;
  }

 private:
  Visit visit_;
  Keys keys_;
};

[[nodiscard]] std::string join(std::string_view folder, std::string_view path) {
  return folder.empty() ? std::string(path) : std::string(folder) + "/" + std::string(path);
}

class NamedJson {
 public:
  NamedJson(NamingFormat format, const std::string& path)
      : format_(format), path_(path), folder_(parent_path(path)) {}

  [[nodiscard]] std::vector<Named> read(std::string_view text) {
    KeyPathHandler handler([this](const auto& keys, const JsonValue& value) {
      if (named_.size() >= most_named) return false;
      visit(keys, value);
      return true;
    });
    MemorySource source({text.data(), text.size()});
    const auto end = read_json(source, 0, text.size(), handler);
    // The names in a file that breaks off are ignored: its own defect is reported.
    if (!end || *end != JsonEnd::complete) return {};
    for (const auto& module : modules_)
      add_module(module);
    return std::move(named_);
  }

 private:
  using Keys = KeyPathHandler::Keys;
  struct Module {
    std::string path, type;
  };

  void visit(const Keys& keys, const JsonValue& value);
  void visit_text(const Keys& keys, const std::string& text);
  void add(NamedKind kind, std::vector<std::string> paths);
  void add_file(std::string_view name, NamedKind kind = NamedKind::required);
  void add_folder(std::string_view folder, std::string_view leaf,
                  NamedKind kind = NamedKind::required);
  void add_class(const std::string& reference);
  void add_dependency(const std::string& repo);
  void add_module(const Module& module);
  void add_ranks(std::uint64_t ranks, std::string_view extension);
  void visit_config(const Keys& keys, const std::string& text);
  void visit_module(const Keys& keys, const std::string& text);
  void visit_package(const Keys& keys, const std::string& text);
  void visit_shard(const Keys& keys, const std::string& text);

  NamingFormat format_;
  const std::string& path_;
  std::string_view folder_;
  std::vector<Named> named_;
  std::vector<Module> modules_;
  std::size_t class_names_ = 0;
};

void NamedJson::visit(const Keys& keys, const JsonValue& value) {
  const bool new_module = format_ == NamingFormat::modules && keys.size() == 1 &&
                          value.kind == JsonKind::object && modules_.size() < most_named;
  if (new_module) modules_.emplace_back();
  const bool routed = format_ == NamingFormat::router && keys.size() == 2 && keys[0] == "types";
  if (routed) add_folder(keys[1], {});
  if (routed && value.kind == JsonKind::text && modules_.size() < most_named)
    modules_.push_back({keys[1], std::string(value.text)});
  const bool ranks = format_ == NamingFormat::auto_map && value.kind == JsonKind::count &&
                     keys.size() >= 2 && keys.back() == "world_size" &&
                     keys[keys.size() - 2] == "mapping";
  if (ranks) add_ranks(value.count, keys.size() > 2 ? ".engine" : ".safetensors");
  if (value.kind == JsonKind::text) visit_text(keys, std::string(value.text));
}

void NamedJson::visit_config(const Keys& keys, const std::string& text) {
  const auto depth = keys.size();
  if (depth >= 2 && depth <= 3 && keys[0] == "auto_map") add_class(text);
  if (depth == 3 && keys[0] == "custom_pipelines" && keys[2] == "impl") add_class(text);
  if (depth == 3 && keys[0] == "sklearn" && keys[1] == "model" && keys[2] == "file") add_file(text);
  if (depth == 1 && (keys[0] == "llm_model" || keys[0] == "llm_weight") &&
      text.find(".mnn") != std::string::npos)
    add_file(text);
}

// An engine or a checkpoint a rank, each of which is of use only with the others.
void NamedJson::add_ranks(std::uint64_t ranks, std::string_view extension) {
  constexpr std::uint64_t most_ranks = 1024;
  for (std::uint64_t rank = 0; rank < ranks && ranks <= most_ranks; ++rank) {
    add(NamedKind::part, {join(folder_, "rank" + std::to_string(rank)) + std::string(extension)});
  }
}

// `leaf`: the file in it that its reader opens first; empty if any file will do.
void NamedJson::add_folder(std::string_view folder, std::string_view leaf, NamedKind kind) {
  while (folder.starts_with("./"))
    folder.remove_prefix(2);
  if (!is_safe_relative_path(folder)) return;
  const auto path = join(folder_, folder);
  if (leaf.empty())
    add(kind, {path + "/"});
  else
    add(kind, {path + "/" + std::string(leaf)});
}

void NamedJson::visit_text(const Keys& keys, const std::string& text) {
  const auto depth = keys.size();
  const auto key = [&](std::size_t i) -> std::string_view { return keys[i]; };
  const auto last = depth == 0 ? std::string_view() : key(depth - 1);
  switch (format_) {
    case NamingFormat::auto_map:
      return visit_config(keys, text);
    case NamingFormat::modules:
      return visit_module(keys, text);
    case NamingFormat::adapter:
      if (depth == 1 && last == "base_model_name_or_path") add_dependency(text);
      return;
    case NamingFormat::pipeline:
      // ["my_pipeline", "MyPipeline"]: the first is the module
      if (depth == 2 && key(0) == "_class_name" && class_names_++ == 0) add_class(text + ".X");
      return;
    case NamingFormat::genai:
      if (depth >= 3 && key(0) == "model" &&
          (last == "filename" || last == "config_filename" || last == "adapter_filename"))
        add_file(text);
      return;
    case NamingFormat::mlpackage:
      return visit_package(keys, text);
    case NamingFormat::tensor_cache:
      if (depth == 3 && key(0) == "records" && last == "dataPath") add_file(text);
      return;
    case NamingFormat::tfjs:
      if (depth == 4 && key(0) == "weightsManifest" && key(2) == "paths") add_file(text);
      return;
    case NamingFormat::dataset_state:
      if (depth == 3 && key(0) == "_data_files" && last == "filename")
        add_file(text, NamedKind::part);
      return;
    case NamingFormat::dataset_dict:
      if (depth == 2 && key(0) == "splits") add_folder(text, "state.json", NamedKind::part);
      return;
    case NamingFormat::streaming:
      return visit_shard(keys, text);
    case NamingFormat::open_clip:
      if (depth == 3 && key(1) == "text_cfg" && last == "hf_tokenizer_name") add_dependency(text);
      return;
    case NamingFormat::none:
    case NamingFormat::router:
    case NamingFormat::openvino:
    case NamingFormat::checklist:
    case NamingFormat::coreml_program:
    case NamingFormat::tensor_bundle:
    case NamingFormat::paddle:
    case NamingFormat::ncnn:
    case NamingFormat::onnx:
    case NamingFormat::pyannote:
    case NamingFormat::speechbrain:
    case NamingFormat::space:
    case NamingFormat::lerobot:
    case NamingFormat::url_list:
    case NamingFormat::distributed:
      return;
  }
}

void NamedJson::visit_module(const Keys& keys, const std::string& text) {
  if (keys.size() != 2 || modules_.empty()) return;
  if (keys[1] == "path") modules_.back().path = text;
  if (keys[1] == "type") modules_.back().type = text;
}

void NamedJson::visit_package(const Keys& keys, const std::string& text) {
  if (keys.size() != 3 || keys[0] != "itemInfoEntries" || keys[2] != "path") return;
  const auto path = join(folder_, "Data/" + text);
  if (is_safe_relative_path(path)) add(NamedKind::required, {path, path + "/"});
}

// Compressed shards lie there in one of two forms.
void NamedJson::visit_shard(const Keys& keys, const std::string& text) {
  if (keys.size() != 4 || keys[0] != "shards" || keys[3] != "basename") return;
  if (keys[2] != "raw_data" || !is_safe_relative_path(text)) return;
  const auto path = join(folder_, text);
  add(NamedKind::part, {path, path + ".zstd", path + ".zst", path + ".br", path + ".gz",
                        path + ".snappy", path + ".bz2"});
}

void NamedJson::add(NamedKind kind, std::vector<std::string> paths) {
  const bool weights = kind == NamedKind::weights;
  const bool known = std::any_of(named_.begin(), named_.end(), [&](const Named& named) {
    return named.paths == paths && (named.kind == NamedKind::weights) == weights;
  });
  if (known) return;
  Named named;
  named.kind = kind;
  named.paths = std::move(paths);
  named.named_by = path_;
  named_.push_back(std::move(named));
}

void NamedJson::add_file(std::string_view name, NamedKind kind) {
  while (name.starts_with("./"))
    name.remove_prefix(2);
  if (is_safe_relative_path(name)) add(kind, {join(folder_, name)});
}

// "module.Class" of this repo, or "org/name--module.Class"; with another number of dots loaders
// refuse it.
void NamedJson::add_class(const std::string& reference) {
  const auto separator = reference.find("--");
  if (separator != std::string::npos) return add_dependency(reference.substr(0, separator));
  const auto dot = reference.find('.');
  if (dot == std::string::npos || reference.find('.', dot + 1) != std::string::npos) return;
  const auto file = reference.substr(0, dot) + ".py";
  if (dot > 0 && file.find('/') == std::string::npos && is_safe_relative_path(file))
    add(NamedKind::code, {join(folder_, file)});
}

void NamedJson::add_dependency(const std::string& repo) {
  if (!is_repo_reference(repo)) return;
  const bool known = std::any_of(named_.begin(), named_.end(),
                                 [&](const Named& named) { return named.repo == repo; });
  if (known) return;
  Named named;
  named.kind = NamedKind::dependency;
  named.repo = repo;
  named.named_by = path_;
  named_.push_back(std::move(named));
}

void NamedJson::add_module(const Module& module) {
  std::string_view folder = module.path;
  while (folder.starts_with("./"))
    folder.remove_prefix(2);
  while (folder.ends_with('/'))
    folder.remove_suffix(1);
  if (folder == ".") folder = {};
  if (!folder.empty() && !is_safe_relative_path(folder)) return;
  constexpr std::string_view own = "sentence_transformers.";
  if (!module.type.starts_with(own)) {
    if (format_ == NamingFormat::modules) add_class(module.type);
    return;
  }
  const auto in_folder = [&](std::string_view name) { return join(folder_, join(folder, name)); };
  const auto files =
      files_of_module(std::string_view(module.type).substr(module.type.rfind('.') + 1));
  std::vector<std::string> configs;
  for (const auto name : files.one_of)
    configs.push_back(in_folder(name));
  if (!configs.empty()) add(NamedKind::required, std::move(configs));
  if (files.weights)
    add(NamedKind::required, {in_folder("model.safetensors"), in_folder("pytorch_model.bin")});
  if (files.model) add(NamedKind::weights, {in_folder("")});
}

}  // namespace

std::vector<Named> named_in_json(NamingFormat format, const std::string& path,
                                 std::string_view text) {
  // Most configs lack these keys: searching for them is cheaper than parsing all of them.
  if (format == NamingFormat::auto_map) {
    constexpr std::array<std::string_view, 5> keys{
        "\"auto_map\"", "\"custom_pipelines\"", "\"sklearn\"", "\"llm_model\"", "\"world_size\""};
    const bool any = std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
      return text.find(key) != std::string_view::npos;
    });
    if (!any) return {};
  }
  if (format == NamingFormat::tfjs && text.find("\"weightsManifest\"") == std::string_view::npos)
    return {};
  return NamedJson(format, path).read(text);
}

}  // namespace hfaudit
