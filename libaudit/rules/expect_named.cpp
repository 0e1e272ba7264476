#include "rules/expect_named.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/path.hpp"
#include "listings/file_role.hpp"

namespace hfaudit {
namespace {

// The files that name parts of which one is here: the others belong to it.
[[nodiscard]] std::set<std::string_view> begun_sets(const NamedFacts& facts) {
  std::set<std::string_view> begun;
  for (const auto& named : facts.evidence.named) {
    if (named.kind == NamedKind::part && !begun.contains(named.named_by) &&
        has_any_path(facts.entries, named.paths))
      begun.insert(named.named_by);
  }
  return begun;
}

// Marks the listed files at `path`; false if all are absent.
bool mark_listed(ExpectedFiles& files, const std::string& path, const std::string& named_by) {
  bool any = false;
  if (auto* file = files.find(path)) {
    files.mark(*file, named_by);
    any = true;
  }
  if (!path.ends_with('/')) return any;
  (void)files.any_below(path, [&](ExpectedFile& file) {
    files.mark(file, named_by);
    any = true;
    return false;
  });
  return any;
}

[[nodiscard]] bool are_weights(const std::vector<std::string>& paths) {
  return std::all_of(paths.begin(), paths.end(),
                     [](const std::string& path) { return is_weight_file(path); });
}

// Whether transformers finds weights of a model in `folder`; its other backends have folders below.
// A head of scikit-learn (SetFit's model_head.pkl) is another thing.
[[nodiscard]] bool has_model_in(const std::vector<Entry>& entries, const std::string& folder) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    if (!entry.path.starts_with(folder) || !is_weight_file(entry.path)) return false;
    const auto rest = std::string_view(entry.path).substr(folder.size());
    const bool own = rest.find('/') == std::string_view::npos;
    return (own && !rest.ends_with(".pkl") && !rest.ends_with(".joblib")) ||
           rest.starts_with("onnx/") || rest.starts_with("openvino/");
  });
}

// A model whose folder lacks weights of any form: those that its loader looks for first.
void expect_model(const NamedFacts& facts, const Named& named, bool listed, ExpectedFiles& files) {
  const auto& folder = named.paths.front();
  const auto first = folder + "model.safetensors";
  if (!facts.filter.accepts(first)) return;
  if (!listed) return files.add(first, named.named_by);
  if (!mark_listed(files, first, named.named_by))
    (void)mark_listed(files, folder + "pytorch_model.bin", named.named_by);
}

// Graphs of other runtimes beside the model's own weights, whose data was left out by
// its extension, as by `--exclude "*.bin"`.
[[nodiscard]] bool is_left_out_by_extension(const NamedFacts& facts, const Named& named) {
  const std::string_view by = named.named_by;
  const bool graph = by.ends_with(".xml") || by.ends_with(".param") || by.ends_with(".pdmodel") ||
                     last_component(by) == "model.json";
  if (!graph) return false;
  const std::string_view path = named.paths.front();
  const auto extension = path.substr(std::min(path.rfind('.'), path.size()));
  const auto& entries = facts.entries;
  return std::none_of(entries.begin(), entries.end(),
                      [&](const Entry& entry) { return entry.path.ends_with(extension); }) &&
         std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
           return entry.path.ends_with(".safetensors") && is_model_weights(entry.path);
         });
}

// A package names files and folders alike: `model.mlmodel` and `weights`.
[[nodiscard]] bool has_extension(std::string_view path) {
  return path.find('.', path.rfind('/') + 1) != std::string_view::npos;
}

}  // namespace

bool has_path(const std::vector<Entry>& entries, std::string_view path) {
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, std::string_view p) { return entry.path < p; });
  return at != entries.end() &&
         (at->path == path || (path.ends_with('/') && at->path.starts_with(path)));
}

bool has_any_path(const std::vector<Entry>& entries, const std::vector<std::string>& paths) {
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return has_path(entries, path); });
}

void expect_named(const NamedFacts& facts, ExpectedFiles& files) {
  const auto& evidence = facts.evidence;
  const bool has_listing = evidence.listing() != nullptr;
  const auto any_weights = [&] {
    return std::any_of(facts.entries.begin(), facts.entries.end(),
                       [](const Entry& entry) { return may_hold_weights(entry.path); });
  };
  const auto begun = begun_sets(facts);
  for (const auto& named : facts.evidence.named) {
    // untracked files of a git clone are judged by their own names
    const bool own = evidence.of_git && !evidence.hub && !evidence.locked &&
                     files.find(named.named_by) == nullptr;
    const bool listed = has_listing && !own;
    if (named.kind == NamedKind::weights) {
      if (any_weights() && !has_model_in(facts.entries, named.paths.front()))
        expect_model(facts, named, listed, files);
      continue;
    }
    if (named.kind == NamedKind::dependency || has_any_path(facts.entries, named.paths)) continue;
    if (named.kind == NamedKind::part && !begun.contains(named.named_by)) continue;
    // Like a configuration, a module asks for weights; a download without any is a subset. A graph
    // without its weights is half a model.
    if (named.named_by.ends_with(".json") && are_weights(named.paths) && !any_weights()) continue;
    const bool optional = named.kind == NamedKind::listed || is_left_out_by_extension(facts, named);
    if (listed && optional) continue;
    if (listed) {
      for (const auto& path : named.paths) {
        if (mark_listed(files, path, named.named_by)) break;
      }
    } else if (named.kind != NamedKind::code && facts.filter.accepts(named.paths.front())) {
      const auto& path = named.paths.back().ends_with('/') && named.kind == NamedKind::required &&
                                 !has_extension(named.paths.front())
                             ? named.paths.back()
                             : named.paths.front();
      files.add(path, optional ? std::string_view() : named.named_by);
    }
  }
}

bool lacks_component(const std::vector<Entry>& entries, const RevisionEvidence& evidence,
                     const std::string& component) {
  if (has_path(entries, component + "/")) return false;
  constexpr std::array<std::string_view, 4> configs{
      "config.json", "scheduler_config.json", "tokenizer_config.json", "preprocessor_config.json"};
  const bool in_root = std::any_of(configs.begin(), configs.end(),
                                   [&](std::string_view name) { return has_path(entries, name); });
  if (in_root) return false;
  const auto* listing = evidence.listing();
  return listing == nullptr ||
         std::any_of(listing->files.begin(), listing->files.end(),
                     [&](const TreeFile& file) { return file.path.starts_with(component + "/"); });
}

}  // namespace hfaudit
