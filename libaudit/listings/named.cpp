#include "listings/named.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/path.hpp"
#include "base/text.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_naming_bytes = std::uint64_t{1024} * 1024;
// Shard records of large models and the graph of a TensorFlow.js model.
constexpr std::uint64_t most_record_bytes = std::uint64_t{8} * 1024 * 1024;

// The whole of a file up to `limit`; empty if it is larger.
[[nodiscard]] Result<std::string> read_text(ByteSource& source, std::uint64_t limit) {
  std::string text;
  if (source.size() > limit) return text;
  text.resize(static_cast<std::size_t>(source.size()));
  const auto got = source.read_at(0, text);
  if (!got) return tl::unexpected<Error>(got.error());
  text.resize(*got);
  return text;
}

[[nodiscard]] bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

NamingFormat naming_format_of(std::string_view path) {
  const auto name = last_component(path);
  const bool in_root = name.size() == path.size();
  if (name.ends_with(".onnx")) return NamingFormat::onnx;
  if (name.ends_with(".xml")) return NamingFormat::openvino;
  if (name.ends_with(".param")) return NamingFormat::ncnn;
  if (name.ends_with(".pdmodel")) return NamingFormat::paddle;
  if (name == "checklist.chk") return NamingFormat::checklist;
  if (name == "model.mil" && parent_path(path).ends_with(".mlmodelc"))
    return NamingFormat::coreml_program;
  if (name == "variables.index" ||
      (name.ends_with(".index") && name.find("ckpt") != std::string_view::npos))
    return NamingFormat::tensor_bundle;
  if (path == ".hfd/aria2c_urls.txt") return NamingFormat::url_list;
  if (name == ".metadata") return NamingFormat::distributed;
  if (path == "config.yaml") return NamingFormat::pyannote;
  if (path == "hyperparams.yaml") return NamingFormat::speechbrain;
  if (path == "README.md") return NamingFormat::space;
  if (path == "meta/info.json") return NamingFormat::lerobot;
  if (!name.ends_with(".json")) return NamingFormat::none;
  if (name == "Manifest.json" && parent_path(path).ends_with(".mlpackage"))
    return NamingFormat::mlpackage;
  constexpr std::array<std::pair<std::string_view, NamingFormat>, 10> anywhere{
      {{"genai_config.json", NamingFormat::genai},
       {"adapter_config.json", NamingFormat::adapter},
       {"ndarray-cache.json", NamingFormat::tensor_cache},
       {"tensor-cache.json", NamingFormat::tensor_cache},
       {"model.json", NamingFormat::tfjs},
       {"state.json", NamingFormat::dataset_state},
       {"dataset_dict.json", NamingFormat::dataset_dict},
       {"index.json", NamingFormat::streaming},
       {"router_config.json", NamingFormat::router},
       {"inference.json", NamingFormat::paddle}}};
  constexpr std::array<std::pair<std::string_view, NamingFormat>, 8> root{
      {{"config.json", NamingFormat::auto_map},
       {"tokenizer_config.json", NamingFormat::auto_map},
       {"processor_config.json", NamingFormat::auto_map},
       {"preprocessor_config.json", NamingFormat::auto_map},
       {"video_preprocessor_config.json", NamingFormat::auto_map},
       {"modules.json", NamingFormat::modules},
       {"model_index.json", NamingFormat::pipeline},
       {"open_clip_config.json", NamingFormat::open_clip}}};
  for (const auto& [known, format] : anywhere) {
    if (name == known) return format;
  }
  for (const auto& [known, format] : root) {
    if (in_root && name == known) return format;
  }
  return NamingFormat::none;
}

Result<std::vector<Named>> read_named(NamingFormat format, const std::string& path,
                                      ByteSource& source) {
  if (format == NamingFormat::onnx) return read_onnx_externals(path, source);
  const bool companions = format == NamingFormat::openvino || format == NamingFormat::ncnn ||
                          format == NamingFormat::paddle || format == NamingFormat::tensor_bundle ||
                          format == NamingFormat::coreml_program ||
                          format == NamingFormat::checklist || format == NamingFormat::url_list ||
                          format == NamingFormat::distributed;
  if (companions) return read_companions(format, path, source);
  const bool records = format == NamingFormat::tensor_cache || format == NamingFormat::tfjs ||
                       format == NamingFormat::streaming;
  const auto text = read_text(source, records ? most_record_bytes : most_naming_bytes);
  if (!text) return tl::unexpected<Error>(text.error());
  if (format == NamingFormat::lerobot) return named_in_lerobot(path, *text);
  const bool yaml = format == NamingFormat::pyannote || format == NamingFormat::speechbrain ||
                    format == NamingFormat::space;
  return yaml ? named_in_yaml(format, path, *text) : named_in_json(format, path, *text);
}

// As get_relative_imports() of transformers: lines `from .x import y` and `import .x`. Names with
// dots are left out: `from ..x` and `from .x.y` lead to folders that loaders skip.
std::vector<Named> relative_imports(const std::string& path, std::string_view text) {
  constexpr std::size_t most_imports = 1000;
  std::vector<Named> named;
  while (!text.empty() && named.size() < most_imports) {
    auto line = trim(take_line(text));
    const bool from = line.starts_with("from ");
    if (!from && !line.starts_with("import ")) continue;
    line = trim(line.substr(line.find(' ')));
    if (!line.starts_with('.')) continue;
    line.remove_prefix(1);
    const auto end = line.find_first_of(" \t");
    const auto rest = end == std::string_view::npos ? std::string_view() : trim(line.substr(end));
    const auto module = line.substr(0, end);
    if (!is_identifier(module) || (from ? !rest.starts_with("import") : !rest.empty())) continue;
    const auto folder = parent_path(path);
    Named one;
    one.kind = NamedKind::code;
    const auto stem =
        (folder.empty() ? std::string() : std::string(folder) + "/") + std::string(module);
    one.paths = {stem + ".py", stem + "/"};
    one.named_by = path;
    named.push_back(std::move(one));
  }
  return named;
}

bool is_repo_reference(std::string_view text) {
  constexpr std::size_t longest_repo_name = 96;
  if (text.empty() || text.size() > longest_repo_name) return false;
  if (text.find("..") != std::string_view::npos || text.find("--") != std::string_view::npos)
    return false;
  if (std::count(text.begin(), text.end(), '/') > 1) return false;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto part_of_name = [&](char c) {
    return plain(c) || c == '-' || c == '_' || c == '.' || c == '/';
  };
  // A part begins with a letter, a digit or "_"; "./x", "~/x" and "/x" are paths.
  const auto begins = [&](char c) { return plain(c) || c == '_'; };
  const auto slash = text.find('/');
  return std::all_of(text.begin(), text.end(), part_of_name) && begins(text.front()) &&
         (slash == std::string_view::npos || (slash + 1 < text.size() && begins(text[slash + 1])));
}

}  // namespace hfaudit
