// Files that lie beside others by their names (companions_by_name()), for a whole revision.
//
// `cfg` of spaCy: TrainablePipe.to_disk() writes `cfg` and `model`, the transition parsers `moves`
// as well, EditTreeLemmatizer `trees`. Also without `model`: the tokenizers of Japanese and Chinese
// (`tokenizer/cfg`), EntityRuler (`cfg`, `patterns.jsonl`). config.cfg has a section
// `[components.NAME.model]` for each trainable component.
//
// `.metadata` beside `__0_0.distcp`: a pickle of torch.distributed.checkpoint with the path
// of each file that tensors lie in (filesystem.py, _StorageInfo), which its reader opens.
#include <algorithm>
#include <optional>
#include <set>

#include "base/path.hpp"
#include "base/text.hpp"
#include "listings/file_role.hpp"
#include "scan/gather_named.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_config_bytes = std::uint64_t{1024} * 1024;
constexpr std::uint64_t most_checkpoint_bytes = std::uint64_t{16} * 1024 * 1024;

class SpacyPipeline {
 public:
  SpacyPipeline(Revision& revision, const std::function<std::unique_ptr<os::File>(Entry&)>& open)
      : revision_(revision), open_(open) {}

  // Of the component that is stored in `folder`.
  [[nodiscard]] bool is_trainable(const std::string& folder) {
    const auto has = [&](const char* name) {
      return find_in(revision_, folder + "/" + name) != nullptr;
    };
    const auto name = std::string(last_component(folder));
    if (name == "tokenizer" || has("patterns") || has("patterns.jsonl")) return false;
    return config().find("[components." + name + ".model]") != std::string::npos || has("moves") ||
           has("trees") || has("vocab/strings.json");
  }
  [[nodiscard]] bool is_present() const { return find_in(revision_, "config.cfg") != nullptr; }

 private:
  [[nodiscard]] const std::string& config() {
    if (config_) return *config_;
    config_.emplace();
    auto* entry = find_in(revision_, "config.cfg");
    if (entry == nullptr || !entry->exists) return *config_;
    const auto file = open_(*entry);
    if (!file || file->size() > most_config_bytes) return *config_;
    config_->resize(static_cast<std::size_t>(file->size()));
    config_->resize(file->read_at(0, *config_).value_or(0));
    return *config_;
  }

  Revision& revision_;
  const std::function<std::unique_ptr<os::File>(Entry&)>& open_;
  std::optional<std::string> config_;
};

// The names `__<rank>_<number>.distcp` in a pickle.
[[nodiscard]] std::set<std::string> checkpoint_files_in(std::string_view pickle) {
  constexpr std::string_view begin = "__", end = ".distcp";
  constexpr std::size_t most_files = 10'000;
  std::set<std::string> names;
  for (auto at = pickle.find(end); at != std::string_view::npos && names.size() < most_files;
       at = pickle.find(end, at + 1)) {
    auto first = at;
    while (first > 0 && (is_decimal(pickle.substr(first - 1, 1)) || pickle[first - 1] == '_'))
      --first;
    const auto name = pickle.substr(first, at - first);
    const bool numbered = name.size() > begin.size() && name.starts_with(begin) &&
                          is_decimal(name.substr(name.size() - 1)) && name[2] != '_';
    if (numbered) names.insert(std::string(name) + std::string(end));
  }
  return names;
}

void add_checkpoint_files(Revision& revision, const std::string& folder, std::vector<Named>& named,
                          const std::function<std::unique_ptr<os::File>(Entry&)>& open) {
  const auto path = folder + ".metadata";
  auto* entry = find_in(revision, path);
  if (entry == nullptr || !entry->exists || entry->meta.type != FileType::regular) return;
  const auto file = open(*entry);
  if (!file || file->size() > most_checkpoint_bytes) return;
  std::string text(static_cast<std::size_t>(file->size()), '\0');
  text.resize(file->read_at(0, text).value_or(0));
  for (const auto& name : checkpoint_files_in(text)) {
    Named one;
    one.paths = {folder + name};
    one.named_by = path;
    named.push_back(std::move(one));
  }
}

}  // namespace

void find_companions(Revision& revision, std::vector<Named>& named,
                     const std::function<std::unique_ptr<os::File>(Entry&)>& open) {
  SpacyPipeline spacy(revision, open);
  const bool is_spacy = spacy.is_present();
  std::set<std::string> checkpoints;  // folders
  for (const auto& entry : revision.entries) {
    if (is_system_file(entry.path)) continue;  // `._variables.data-00000-of-00001`
    const bool config = entry.path.ends_with("/cfg");
    if (config && !(is_spacy && spacy.is_trainable(std::string(parent_path(entry.path))))) continue;
    if (entry.path.ends_with(".distcp"))
      checkpoints.insert(entry.path.substr(0, entry.path.rfind('/') + 1));
    auto found = companions_by_name(entry.path);
    std::move(found.begin(), found.end(), std::back_inserter(named));
  }
  for (const auto& folder : checkpoints)
    add_checkpoint_files(revision, folder, named, open);
}

}  // namespace hfaudit
