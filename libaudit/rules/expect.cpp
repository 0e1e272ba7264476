#include "rules/expect.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/path.hpp"
#include "rules/expect_named.hpp"
#include "rules/expected_files.hpp"

namespace hfaudit {
namespace {

// Builds the manifest of one revision.
class ManifestBuilder {
 public:
  ManifestBuilder(RepoType type, const Revision& revision, const RevisionEvidence& evidence,
                  const PathFilter& filter)
      : type_(type), entries_(revision.entries), evidence_(evidence), filter_(filter) {}

  Manifest build() {
    if (evidence_.listing() != nullptr) from_tree();
    from_indices();
    from_siblings();
    from_components();
    expect_named({entries_, evidence_, filter_}, files_);
    for (const auto& record : evidence_.recorded)
      want(record.file, "the download's own record");
    for (const auto& path : evidence_.checked_out)
      want(path, "the clone's commit");
    manifest_.files = files_.take();
    if (manifest_.basis == Basis::links && has_readable_structure())
      manifest_.basis = Basis::structure;
    return std::move(manifest_);
  }

 private:
  void from_tree();
  void from_indices();
  void from_siblings();
  void from_components();
  [[nodiscard]] bool has_model_weights(const std::string& prefix) const;
  void want_component_of_tree(const std::string& prefix, bool weights);
  void want(const std::string& path, const std::string& named_by);
  void improve_basis(Basis basis) { manifest_.basis = std::min(manifest_.basis, basis); }
  [[nodiscard]] const Entry* find(std::string_view path) const {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), path,
                         [](const Entry& entry, std::string_view p) { return entry.path < p; });
    return found != entries_.end() && found->path == path ? &*found : nullptr;
  }
  [[nodiscard]] bool is_of_git() const {
    return evidence_.of_git && !evidence_.hub && !evidence_.locked;
  }
  [[nodiscard]] bool named(std::string_view path) const { return find(path) != nullptr; }
  [[nodiscard]] bool present(std::string_view path) const {
    const auto* entry = find(path);
    return entry != nullptr && entry->exists && !entry->to_partial;
  }
  [[nodiscard]] bool whole_set_in(std::string_view folder, const WeightIndex& but) const;
  [[nodiscard]] bool is_whole_model(const Entry& entry) const;
  [[nodiscard]] bool is_whole(const ShardName& shard) const;
  [[nodiscard]] bool overruled(const ShardName& shard) const;
  [[nodiscard]] bool any_named(const std::vector<std::string>& files) const;
  [[nodiscard]] bool all_present(const std::vector<std::string>& files) const;
  [[nodiscard]] bool has_readable_structure() const;

  RepoType type_;
  const std::vector<Entry>& entries_;
  const RevisionEvidence& evidence_;
  const PathFilter& filter_;
  Manifest manifest_;
  ExpectedFiles files_{manifest_};
};

void ManifestBuilder::from_tree() {
  improve_basis(evidence_.locked ? Basis::lock : evidence_.hub ? Basis::hub : Basis::tree);
  manifest_.exhaustive = true;
  files_.reserve(evidence_.listing()->files.size());
  for (const auto& file : evidence_.listing()->files) {
    if (!filter_.accepts(file.path)) continue;
    const bool lfs = !file.lfs_sha256.empty();
    files_.list({file.path, file.size, file.etag_view(), lfs, {}, is_of_git() && !lfs});
  }
}

// A tree is stronger evidence than an index: files that it omits are absent from the Hub. Beside
// the files of a git clone others may lie, which are judged by their own content.
void ManifestBuilder::want(const std::string& path, const std::string& named_by) {
  if (auto* known = files_.find(path)) {
    if (known->named_by.empty()) known->named_by = manifest_.keep(named_by);
  } else if ((evidence_.listing() == nullptr ||
              (is_of_git() && files_.find(named_by) == nullptr)) &&
             filter_.accepts(path)) {
    files_.add(path, named_by);
  }
}

bool ManifestBuilder::any_named(const std::vector<std::string>& files) const {
  return std::any_of(files.begin(), files.end(), [&](const auto& f) { return named(f); });
}

bool ManifestBuilder::all_present(const std::vector<std::string>& files) const {
  return std::all_of(files.begin(), files.end(), [&](const auto& f) { return present(f); });
}

// A single file that a loader takes for the whole model. Quantized ones have names of their own
// (`gptq_model-4bit-128g.safetensors`); for those their own header has to be whole.
bool ManifestBuilder::is_whole_model(const Entry& entry) const {
  if (is_model_weights(entry.path)) return true;
  const auto name = last_component(entry.path);
  const bool other = name.starts_with("adapter") || name.starts_with("mmproj");
  const auto has_any = [&](auto... words) {
    return (... || (name.find(words) != std::string_view::npos));
  };
  // the last words: of quantizations under their author's own names
  const bool usual = name == "output.safetensors" /* EXL2 */ ||
                     has_any("model", "GPTQ", "gptq", "AWQ", "awq", "bit-", "-bit", "128g", "32g");
  if (other || !usual || !is_weight_file(entry.path)) return false;
  const auto known = evidence_.structures.find(entry.path);
  return known != evidence_.structures.end() && known->second->state == StructureState::sound;
}

// Whether the folder holds a complete set of weights other than that of `but`.
bool ManifestBuilder::whole_set_in(std::string_view folder, const WeightIndex& but) const {
  for (const auto& entry : entries_) {
    const auto& path = entry.path;
    if (parent_path(path) != folder || !is_weight_file(path) || !present(path)) continue;
    const auto shard = parse_shard_name(path);
    if (shard ? shard->number == 1 && is_whole(*shard) : is_whole_model(entry)) return true;
  }
  return std::any_of(evidence_.indices.begin(), evidence_.indices.end(),
                     [&](const WeightIndex& other) {
                       return &other != &but && parent_path(other.path) == folder &&
                              !other.files.empty() && all_present(other.files);
                     });
}

bool ManifestBuilder::is_whole(const ShardName& shard) const {
  if (shard.count > entries_.size()) return false;
  const std::uint32_t first = named(shard.sibling(0)) ? 0 : 1;
  for (auto number = first; number < shard.count + first; ++number) {
    if (!present(shard.sibling(number))) return false;
  }
  return true;
}

// A shard of another numbering beside a complete set of the same name: a leftover of another
// upload. An index whose files are all here, or a numbering that is complete, is the stronger
// evidence.
bool ManifestBuilder::overruled(const ShardName& shard) const {
  if (is_whole(shard)) return false;
  const auto same_set = [&](const std::string& path) {
    const auto other = parse_shard_name(path);
    return other && other->stem == shard.stem && other->suffix == shard.suffix;
  };
  const bool by_index = std::any_of(
      evidence_.indices.begin(), evidence_.indices.end(), [&](const WeightIndex& index) {
        const auto& files = index.files;
        const bool names_it =
            std::find(files.begin(), files.end(), shard.sibling(shard.number)) != files.end();
        return !names_it && !files.empty() && all_present(files) &&
               std::any_of(files.begin(), files.end(), same_set);
      });
  if (by_index) return true;
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    if (!entry.path.starts_with(shard.stem)) return false;
    const auto other = parse_shard_name(entry.path);
    return other && other->stem == shard.stem && other->suffix == shard.suffix &&
           other->count != shard.count && is_whole(*other);
  });
}

void ManifestBuilder::from_indices() {
  for (const auto& index : evidence_.indices) {
    improve_basis(Basis::index);
    if (!any_named(index.files) && whole_set_in(parent_path(index.path), index)) continue;
    for (const auto& file : index.files)
      want(file, index.path);
  }
}

void ManifestBuilder::from_siblings() {
  // numbered data is often taken in part
  if (type_ == RepoType::dataset || type_ == RepoType::space) return;
  // Core ML: a folder with a list of its files
  constexpr std::string_view mlpackage = ".mlpackage/";
  std::set<std::string> seen;
  for (const auto& entry : entries_) {
    const auto& name = entry.path;
    if (const auto package = name.find(mlpackage); package != std::string::npos)
      want(name.substr(0, package) + std::string(mlpackage) + "Manifest.json", name);
    if (name.find("of") == std::string::npos) continue;
    const auto shard = parse_shard_name(name);
    if (!shard ||
        !seen.insert(shard->stem + "*" + shard->suffix + std::to_string(shard->count)).second ||
        overruled(*shard))
      continue;
    improve_basis(Basis::shard_names);
    constexpr std::uint32_t most = 100'000;  // a name that claims more shards than this is ignored
    const bool from_zero = shard->number == 0 || named(shard->sibling(0));
    for (std::uint32_t n = from_zero ? 0 : 1;
         n < shard->count + (from_zero ? 0 : 1) && shard->count <= most; ++n) {
      want(shard->sibling(n), name);
    }
  }
}

// Encoders and the safety checker are models of transformers.
[[nodiscard]] std::string_view weights_of_component(std::string_view component) {
  const bool of_transformers = component.starts_with("text_encoder") ||
                               component.starts_with("image_encoder") ||
                               component == "safety_checker" || component == "text_model";
  return of_transformers ? "model.safetensors" : "diffusion_pytorch_model.safetensors";
}

// diffusers: a component that model_index.json names has a folder; one with a `config.json` is a
// model with weights.
void ManifestBuilder::from_components() {
  if (evidence_.components.empty()) return;
  improve_basis(Basis::index);
  for (const auto& component : evidence_.components) {
    const auto prefix = component + "/";
    const auto below = [&](std::string_view path) { return path.starts_with(prefix); };
    const bool folder_here = std::any_of(entries_.begin(), entries_.end(),
                                         [&](const Entry& e) { return below(e.path); });
    const bool weights_here = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) {
      constexpr std::uint64_t large = 1 << 20;  // of any name: an unknown format
      return below(e.path) && (is_weight_file(e.path) || e.meta.size >= large);
    });
    const bool weights_named =
        files_.any_below(prefix, [](const ExpectedFile& file) { return !file.named_by.empty(); });
    const bool weights_due =
        !weights_here && !weights_named && (!folder_here || named(prefix + "config.json"));
    if (!folder_here) {
      // may be left out on purpose: only a download of everything wants it
      if (lacks_component(entries_, evidence_, component) && evidence_.listing() == nullptr)
        want(prefix, "");
    } else if (evidence_.listing() != nullptr) {
      want_component_of_tree(prefix, weights_due);
    } else if (weights_due) {
      want(prefix + std::string(weights_of_component(component)), "model_index.json");
    } else if (!named(prefix + "config.json") && has_model_weights(prefix)) {
      // from_pretrained() of diffusers and transformers alike begins with it
      want(prefix + "config.json", "model_index.json");
    }
  }
}

// Weights under the names that from_pretrained() opens. ONNX components have no config.json.
bool ManifestBuilder::has_model_weights(const std::string& prefix) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    const auto& path = entry.path;
    return path.starts_with(prefix) && path.find('/', prefix.size()) == std::string::npos &&
           (path.ends_with(".safetensors") || path.ends_with(".bin")) && is_model_weights(path);
  });
}

// The tree lists every variant of a component's weights; a pipeline loads one: plain safetensors,
// else plain bin.
void ManifestBuilder::want_component_of_tree(const std::string& prefix, bool weights) {
  const auto plain = [&](std::string_view path, std::string_view extension) {
    if (!path.ends_with(extension)) return false;
    const auto name = last_component(path);
    // a variant is a second dot: model.fp16.safetensors
    return std::count(name.begin(), name.end(), '.') == 1;
  };
  const auto lists = [&](std::string_view extension) {
    return files_.any_below(prefix,
                            [&](const ExpectedFile& file) { return plain(file.path, extension); });
  };
  const std::string_view extension = lists(".safetensors") ? ".safetensors" : ".bin";
  (void)files_.any_below(prefix, [&](ExpectedFile& file) {
    if (file.named_by.empty() && is_weight_file(file.path) && weights &&
        plain(file.path, extension))
      file.named_by = "model_index.json";
    return false;
  });
}

bool ManifestBuilder::has_readable_structure() const {
  return std::any_of(
      evidence_.structures.begin(), evidence_.structures.end(),
      [](const auto& structure) { return structure.second->state != StructureState::cannot_tell; });
}

}  // namespace

Manifest expect(RepoType type, const Revision& revision, const RevisionEvidence& evidence,
                const PathFilter& filter) {
  return ManifestBuilder(type, revision, evidence, filter).build();
}

}  // namespace hfaudit
