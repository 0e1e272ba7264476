// YAML files that name other files or repos: their lines alone are read, since the values in
// question are plain scalars.
//
//   config.yaml       pyannote.audio core/pipeline.py, from_pretrained(): scalars below
//                     `pipeline: params:` are repos, and `$model/x` is the folder x of this one
//                     (expand_subfolders())
//   hyperparams.yaml  SpeechBrain utils/parameter_transfer.py, Pretrainer.collect_files(): `paths`
//                     of a `Pretrainer`, `!ref <pretrained_path>/x.ckpt`; `pretrained_path` is a
//                     folder or a repo, often another one
//   README.md         the Hub's Spaces: `sdk` and `app_file` of the front matter
//                     (huggingface.co/docs/hub/spaces-config-reference)
#include <algorithm>
#include <string>

#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/named.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t most_lines = 20'000;

struct YamlLine {
  std::size_t indent = 0;
  std::string_view key, value;
};

[[nodiscard]] std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// `key: value`; without a key for other lines.
[[nodiscard]] YamlLine parse_line(std::string_view line) {
  YamlLine parsed;
  const auto begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos || line[begin] == '#') return parsed;
  parsed.indent = begin;
  line.remove_prefix(begin);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return parsed;
  parsed.key = trim(line.substr(0, colon));
  auto value = line.substr(colon + 1);
  if (const auto comment = value.find(" #"); comment != std::string_view::npos)
    value = value.substr(0, comment);
  parsed.value = unquoted(trim(value));
  return parsed;
}

// Lines below a key, by their indentation.
class Block {
 public:
  // Whether the line is inside; `opens`: it is the key of the block.
  bool take(const YamlLine& line, bool opens) {
    if (inside_ && line.indent <= indent_) inside_ = false;
    const bool member = inside_;
    if (opens && !inside_) {
      inside_ = true;
      indent_ = line.indent;
    }
    return member;
  }

 private:
  bool inside_ = false;
  std::size_t indent_ = 0;
};

class YamlNames {
 public:
  explicit YamlNames(const std::string& path) : path_(path), folder_(parent_path(path)) {}

  [[nodiscard]] std::vector<Named> of_pipeline(std::string_view text) {
    if (text.find("pyannote.") == std::string_view::npos) return {};
    Block pipeline, params;
    each_line(text, [&](const YamlLine& line) {
      if (!pipeline.take(line, line.key == "pipeline")) return;
      if (params.take(line, line.key == "params")) add_pipeline_value(line.value);
    });
    return std::move(named_);
  }

  [[nodiscard]] std::vector<Named> of_hyperparams(std::string_view text) {
    Block pretrainer, paths;
    std::string_view source;
    each_line(text, [&](const YamlLine& line) {
      if (line.indent == 0 && line.key == "pretrained_path") source = line.value;
      const bool opens = line.value.starts_with("!new:speechbrain.") &&
                         line.value.find(".Pretrainer") != std::string_view::npos;
      if (pretrainer.take(line, opens) && paths.take(line, line.key == "paths"))
        add_pretrained(line.value);
    });
    const bool local = source.empty() || source.front() == '.' || source.front() == '/';
    for (auto& one : named_)
      one.repo = local ? std::string_view() : source;
    return std::move(named_);
  }

  [[nodiscard]] std::vector<Named> of_space(std::string_view text) {
    constexpr std::string_view fence = "---";
    auto rest = text;
    if (trim(take_line(rest)) != fence) return {};
    std::string_view sdk, app;
    bool built = false;
    for (std::size_t i = 0; i < most_lines && !rest.empty(); ++i) {
      const auto raw = take_line(rest);
      if (trim(raw) == fence) break;
      const auto line = parse_line(raw);
      if (line.indent != 0) continue;
      if (line.key == "sdk") sdk = line.value;
      if (line.key == "app_file") app = line.value;
      built = built || line.key == "app_build_command";
    }
    const bool from_file = sdk == "gradio" || sdk == "streamlit" || sdk == "static";
    if (from_file && !built && !app.empty()) add(NamedKind::listed, app);
    return std::move(named_);
  }

 private:
  template <class Each>
  static void each_line(std::string_view text, Each each) {
    for (std::size_t i = 0; i < most_lines && !text.empty(); ++i) {
      const auto line = parse_line(take_line(text));
      if (!line.key.empty()) each(line);
    }
  }

  void add(NamedKind kind, std::string_view path) {
    while (path.starts_with("./"))
      path.remove_prefix(2);
    const auto bare = path.substr(0, path.size() - (path.ends_with('/') ? 1 : 0));
    if (!is_safe_relative_path(bare)) return;
    Named one;
    one.kind = kind;
    one.paths = {(folder_.empty() ? "" : std::string(folder_) + "/") + std::string(path)};
    one.named_by = path_;
    named_.push_back(std::move(one));
  }

  // Absent parts of a set are missing; if all are absent, they were left out.
  void add_part(const std::string& path) {
    add(NamedKind::part, path);
    add(NamedKind::listed, path);
  }

  void add_pipeline_value(std::string_view value) {
    constexpr std::string_view own = "$model/";
    const auto revision = value.find('@');
    if (value.starts_with(own)) {
      if (revision == std::string_view::npos) add_part(std::string(value.substr(own.size())) + "/");
      return;
    }
    value = value.substr(0, revision);
    if (std::count(value.begin(), value.end(), '/') != 1 || !is_repo_reference(value)) return;
    Named one;
    one.kind = NamedKind::dependency;
    one.repo = value;
    one.named_by = path_;
    named_.push_back(std::move(one));
  }

  void add_pretrained(std::string_view value) {
    constexpr std::string_view reference = "!ref <pretrained_path>/";
    if (value.starts_with(reference)) add_part(std::string(value.substr(reference.size())));
  }

  const std::string& path_;
  std::string_view folder_;
  std::vector<Named> named_;
};

}  // namespace

std::vector<Named> named_in_yaml(NamingFormat format, const std::string& path,
                                 std::string_view text) {
  YamlNames names(path);
  if (format == NamingFormat::pyannote) return names.of_pipeline(text);
  if (format == NamingFormat::speechbrain) return names.of_hyperparams(text);
  return format == NamingFormat::space ? names.of_space(text) : std::vector<Named>();
}

}  // namespace hfaudit
