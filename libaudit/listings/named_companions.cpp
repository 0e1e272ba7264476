// Graphs and lists that are no JSON, and the files beside them that hold the weights.
#include <algorithm>
#include <set>
#include <string>

#include "base/format.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/named.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_program_bytes = std::uint64_t{4} * 1024 * 1024;
constexpr std::uint64_t most_checkpoint_bytes = std::uint64_t{16} * 1024 * 1024;
// Enough to recognise the other formats: a graph may have hundreds of megabytes.
constexpr std::uint64_t most_head_bytes = 1024;
constexpr std::size_t most_companions = 10'000;

class Companions {
 public:
  Companions(const std::string& path, std::string_view text) : path_(path), text_(text) {}

  [[nodiscard]] std::vector<Named> read(NamingFormat format) {
    switch (format) {
      case NamingFormat::openvino:
        read_openvino();
        break;
      case NamingFormat::ncnn:
        // the magic number of the text form
        if (text_.starts_with("7767517")) add_beside(".param", ".bin");
        break;
      case NamingFormat::paddle:
        if (path_.ends_with(".pdmodel"))
          add_beside(".pdmodel", ".pdiparams");
        else if (text_.find("\"base_code\"") != std::string_view::npos)
          add_beside(".json", ".pdiparams");
        break;
      case NamingFormat::tensor_bundle:
        read_tensor_bundle();
        break;
      case NamingFormat::coreml_program:
        read_program();
        break;
      case NamingFormat::checklist:
        read_checklist();
        break;
      case NamingFormat::url_list:
        read_url_list();
        break;
      case NamingFormat::distributed:
        read_distributed();
        break;
      default:
        break;
    }
    return std::move(named_);
  }

 private:
  void add(NamedKind kind, std::vector<std::string> paths) {
    Named named;
    named.kind = kind;
    named.paths = std::move(paths);
    named.named_by = path_;
    named_.push_back(std::move(named));
  }
  void add_beside(std::string_view extension, std::string_view other) {
    add(NamedKind::required,
        {path_.substr(0, path_.size() - extension.size()) + std::string(other)});
  }
  void read_openvino();
  void read_tensor_bundle();
  void read_program();
  void read_checklist();
  void read_url_list();
  void read_distributed();

  const std::string& path_;
  std::string_view text_;
  std::vector<Named> named_;
};

// An OpenVINO IR begins with `<?xml version="1.0"?> <net name="…" version="11">`.
void Companions::read_openvino() {
  const auto net = text_.find("<net ");
  if (text_.find("<?xml") != std::string_view::npos && net != std::string_view::npos &&
      text_.find("version=", net) != std::string_view::npos)
    add_beside(".xml", ".bin");
}

// The first record of the table has the empty key, and a BundleHeaderProto that begins with the
// number of shards: 0 bytes shared, 0 of the key, N of the value, tag 8, the number. Where that is
// not so, a file of any small number of shards will do.
void Companions::read_tensor_bundle() {
  constexpr std::string_view index = ".index";
  constexpr std::uint32_t usual = 8;
  const auto stem = path_.substr(0, path_.size() - index.size());
  const auto shard = [&](std::uint32_t number, std::uint32_t count) {
    return stem + formatted(".data-{:05}-of-{:05}", number, count);
  };
  const bool header = text_.size() > 4 && text_[0] == 0 && text_[1] == 0 && text_[3] == 8;
  const auto count = header ? static_cast<unsigned char>(text_[4]) : 0U;
  if (count > 0 && count < 0x80) {
    for (std::uint32_t number = 0; number < count; ++number)
      add(NamedKind::required, {shard(number, count)});
    return;
  }
  std::vector<std::string> any;
  for (std::uint32_t shards = 1; shards <= usual; ++shards)
    for (std::uint32_t number = 0; number < shards; ++number)
      any.push_back(shard(number, shards));
  add(NamedKind::required, std::move(any));
}

// `BLOBFILE(path = tensor<string, []>("@model_path/weights/weight.bin"), …)`, once a tensor.
void Companions::read_program() {
  constexpr std::string_view root = "@model_path/";
  std::string last;
  for (auto at = text_.find(root); at != std::string_view::npos && named_.size() < 100;
       at = text_.find(root, at + 1)) {
    const auto begin = at + root.size();
    const auto end = text_.find('"', begin);
    if (end == std::string_view::npos) return;
    const std::string name(text_.substr(begin, end - begin));
    if (name == last || !is_safe_relative_path(name)) continue;
    last = name;
    const auto path = std::string(parent_path(path_)) + "/" + name;
    const bool known = std::any_of(named_.begin(), named_.end(),
                                   [&](const Named& one) { return one.paths.front() == path; });
    if (!known) add(NamedKind::required, {path});
  }
}

// Lines of md5sum: 32 hex digits, two spaces, a name.
void Companions::read_checklist() {
  constexpr std::size_t digits = 32;
  auto rest = text_;
  while (!rest.empty() && named_.size() < most_companions) {
    const auto line = trim(take_line(rest));
    if (line.size() < digits + 3 || line[digits] != ' ') continue;
    auto name = trim(line.substr(digits));
    if (name.starts_with('*')) name.remove_prefix(1);
    if (!is_safe_relative_path(name)) continue;
    const auto folder = parent_path(path_);
    add(NamedKind::part, {(folder.empty() ? "" : std::string(folder) + "/") + std::string(name)});
  }
}

// Lines `https://host/org/name/resolve/main/unet/config.json`, with aria2's options indented below.
void Companions::read_url_list() {
  constexpr std::string_view view = "/resolve/";
  auto rest = text_;
  while (!rest.empty() && named_.size() < most_companions) {
    const auto line = take_line(rest);
    const auto at = line.find(view);
    if (!line.starts_with("http") || at == std::string_view::npos) continue;
    auto name = line.substr(at + view.size());
    const int components = name.starts_with("refs/") ? 3 : 1;  // of the revision: refs/pr/3
    bool has_name = true;
    for (int i = 0; i < components && has_name; ++i) {
      const auto slash = name.find('/');
      has_name = slash != std::string_view::npos;
      if (has_name) name.remove_prefix(slash + 1);
    }
    if (!has_name) continue;
    name = trim(name);
    const auto query = name.find('?');
    const bool plain = name.find('%') == std::string_view::npos;
    if (plain && is_safe_relative_path(name.substr(0, query)))
      add(NamedKind::required, {std::string(name.substr(0, query))});
  }
}

// The names `__<rank>_<number>.distcp` in a pickle of torch.distributed.checkpoint. Nothing of it is
// executed.
void Companions::read_distributed() {
  constexpr std::string_view begin = "__", end = ".distcp", characters = "0123456789_";
  constexpr std::size_t most_files = 10'000;
  std::set<std::string> names;
  for (auto at = text_.find(end); at != std::string_view::npos && names.size() < most_files;
       at = text_.find(end, at + 1)) {
    const auto other = text_.substr(0, at).find_last_not_of(characters);
    const auto first = other == std::string_view::npos ? 0 : other + 1;
    const auto name = text_.substr(first, at - first);
    const bool numbered = name.starts_with(begin) && name.size() > begin.size() &&
                          name[begin.size()] != '_' && name.back() != '_';
    if (numbered) names.insert(std::string(name) + std::string(end));
  }
  const auto folder = path_.substr(0, path_.size() - last_component(path_).size());
  for (const auto& name : names)
    add(NamedKind::required, {folder + name});
}

// `x.data-00000-of-00001` without its `x`.
[[nodiscard]] std::string_view stem_of_tensor_data(std::string_view path) {
  constexpr std::string_view mark = ".data-";
  constexpr std::size_t rest = 14;  // 00000-of-00001
  const auto at = path.rfind(mark);
  const bool fits = at != std::string_view::npos && path.size() == at + mark.size() + rest &&
                    path.substr(at + mark.size() + 5, 4) == "-of-";
  return fits ? path.substr(0, at) : std::string_view();
}

// `openvino_model.bin`, `openvino_model_qint8_quantized.bin`, `openvino_detokenizer.bin`: as
// optimum-intel names the data beside a graph.
[[nodiscard]] bool is_openvino_data(std::string_view name) {
  return name.starts_with("openvino_") && name.ends_with(".bin") &&
         (name.find("model") != std::string_view::npos ||
          name.find("tokenizer") != std::string_view::npos);
}

}  // namespace

std::vector<Named> companions_by_name(const std::string& path) {
  std::vector<std::vector<std::string>> wanted;
  const auto folder = parent_path(path);
  const auto beside = [&](std::string_view name) {
    return (folder.empty() ? std::string() : std::string(folder) + "/") + std::string(name);
  };
  constexpr std::string_view variables = "variables", compiled = ".mlmodelc/";
  if (const auto at = path.find(compiled); at != std::string::npos) {
    // Core ML, compiled: MLModel opens coremldata.bin first; weights/weight.bin is of a program
    const auto root = path.substr(0, at + compiled.size());
    wanted.push_back({root + "coremldata.bin"});
    if (path == root + "weights/weight.bin") wanted.push_back({root + "model.mil"});
  } else if (is_openvino_data(last_component(path))) {
    wanted.push_back({path.substr(0, path.size() - 3) + "xml"});
  } else if (path.ends_with(".distcp")) {
    wanted.push_back({beside(".metadata")});
    const auto name = last_component(path);
    const auto rank = name.substr(0, name.rfind('_'));
    if (rank.starts_with("__")) wanted.back().push_back(beside(std::string(rank) + ".metadata"));
    if (rank != "__0") wanted.back().push_back(beside("__0.metadata"));
  } else if (!folder.empty() && last_component(path) == "cfg") {
    wanted.push_back({beside("model")});
  } else if (const auto stem = stem_of_tensor_data(path); !stem.empty()) {
    wanted.push_back({std::string(stem) + ".index"});
    const bool saved = last_component(stem) == variables && last_component(folder) == variables;
    const auto outer = saved ? std::string(parent_path(folder)) : std::string();
    const auto outer_file = [&](const char* name) {
      return (outer.empty() ? outer : outer + "/") + name;
    };
    const auto graph = outer_file("saved_model.pb");
    if (saved) wanted.push_back({graph, graph + "txt", outer_file("saved_model.cpb")});
  }
  std::vector<Named> named;
  for (auto& paths : wanted) {
    Named one;
    one.paths = std::move(paths);
    one.named_by = path;
    named.push_back(std::move(one));
  }
  return named;
}

Result<std::vector<Named>> read_companions(NamingFormat format, const std::string& path,
                                           ByteSource& source) {
  const bool program = format == NamingFormat::coreml_program ||
                       format == NamingFormat::checklist || format == NamingFormat::url_list;
  const auto limit = format == NamingFormat::distributed ? most_checkpoint_bytes
                     : program                           ? most_program_bytes
                                                         : most_head_bytes;
  std::string text(static_cast<std::size_t>(std::min(source.size(), limit)), '\0');
  const auto got = source.read_at(0, text);
  if (!got) return tl::unexpected<Error>(got.error());
  text.resize(*got);
  const bool lines = format == NamingFormat::checklist || format == NamingFormat::url_list;
  // the last line may be cut
  if (lines && text.size() < source.size()) text.resize(text.rfind('\n') + 1);
  return Companions(path, text).read(format);
}

}  // namespace hfaudit
