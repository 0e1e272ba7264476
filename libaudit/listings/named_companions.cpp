// Graphs and lists that are no JSON, and the files beside them that hold the weights.
#include <algorithm>
#include <string>

#include "base/format.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/named.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_program_bytes = std::uint64_t{4} * 1024 * 1024;
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

}  // namespace

Result<std::vector<Named>> read_companions(NamingFormat format, const std::string& path,
                                           ByteSource& source) {
  const auto limit = format == NamingFormat::coreml_program || format == NamingFormat::checklist
                         ? most_program_bytes
                         : most_head_bytes;
  std::string text(static_cast<std::size_t>(std::min(source.size(), limit)), '\0');
  const auto got = source.read_at(0, text);
  if (!got) return tl::unexpected<Error>(got.error());
  text.resize(*got);
  return Companions(path, text).read(format);
}

}  // namespace hfaudit
