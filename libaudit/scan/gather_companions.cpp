// Files that lie beside others by their names (companions_by_name()), for a whole revision.
//
// `cfg` of spaCy: TrainablePipe.to_disk() writes `cfg` and `model`, the transition parsers `moves`
// as well, EditTreeLemmatizer `trees`. Also without `model`: the tokenizers of Japanese and Chinese
// (`tokenizer/cfg`), EntityRuler (`cfg`, `patterns.jsonl`). config.cfg has a section
// `[components.NAME.model]` for each trainable component.
#include <algorithm>
#include <optional>

#include "base/path.hpp"
#include "listings/file_role.hpp"
#include "scan/gather_named.hpp"

namespace hfaudit {
namespace {

constexpr std::uint64_t most_config_bytes = std::uint64_t{1024} * 1024;

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

}  // namespace

void find_companions(Revision& revision, std::vector<Named>& named,
                     const std::function<std::unique_ptr<os::File>(Entry&)>& open) {
  SpacyPipeline spacy(revision, open);
  const bool is_spacy = spacy.is_present();
  for (const auto& entry : revision.entries) {
    if (is_system_file(entry.path)) continue;  // `._variables.data-00000-of-00001`
    const bool config = entry.path.ends_with("/cfg");
    if (config && !(is_spacy && spacy.is_trainable(std::string(parent_path(entry.path))))) continue;
    auto found = companions_by_name(entry.path);
    std::move(found.begin(), found.end(), std::back_inserter(named));
  }
}

}  // namespace hfaudit
