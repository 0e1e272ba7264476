#include "scan/gather.hpp"

#include <algorithm>
#include <cerrno>

#include "base/path.hpp"
#include "cache/link_target.hpp"
#include "formats/examine.hpp"
#include "listings/file_role.hpp"
#include "scan/gather_named.hpp"

namespace hfaudit {
namespace {

// A git LFS pointer is about 130 bytes long. Only files of such a size are opened to look for one.
constexpr std::uint64_t pointer_least = 100, pointer_most = 250;

// Python's json and the tokenizers refuse a byte order mark. The loaders of Core ML,
// onnxruntime-genai, MLC and CTranslate2 are others.
[[nodiscard]] bool is_refused_with_mark(std::string_view path) {
  const auto name = last_component(path);
  return name != "Manifest.json" && name != "genai_config.json" && name != "ndarray-cache.json" &&
         name != "tensor-cache.json" && name != "shared_vocabulary.json";
}

class Gatherer {
 public:
  Gatherer(const os::Directory& repo, RepoInventory& inventory, EntryFolder entries)
      : repo_(repo), inventory_(inventory), local_dir_(entries == EntryFolder::itself) {}

  Evidence gather() {
    evidence_.revisions.resize(inventory_.revisions.size());
    read_trees();
    for (std::size_t i = 0; i < inventory_.revisions.size(); ++i) {
      for (auto& entry : inventory_.revisions[i].entries) {
        // outside the repo: left unopened
        const bool foreign = entry.escapes || (entry.blob >= 0 && blob_of(entry).escapes);
        if (entry.exists && !foreign && entry.meta.type == FileType::regular) {
          inspect_entry(inventory_.revisions[i], entry, evidence_.revisions[i]);
        }
      }
      follow_named(i);
    }
    return std::move(evidence_);
  }

 private:
  void read_trees();
  void inspect_entry(const Revision& revision, Entry& entry, RevisionEvidence& into);
  [[nodiscard]] bool find_link_text(Entry& entry, const std::string& place);
  void read_index(Entry& entry, const std::string& place, ByteSource& file, RevisionEvidence& into);
  void reject(Entry& entry, const std::string& place, const Error& error, RevisionEvidence& into);
  void judge(Entry& entry, FileFormat format, const std::string& place, RevisionEvidence& into,
             std::unique_ptr<os::File>& file);
  void add_named(Entry& entry, const std::string& place, RevisionEvidence& into,
                 std::unique_ptr<os::File>& file);
  void follow_named(std::size_t revision);
  [[nodiscard]] bool is_examined(FileFormat format, const std::string& path) const;
  [[nodiscard]] std::string place_of(const Revision& revision, const Entry& entry) const {
    return local_dir_ ? entry.path : "snapshots/" + revision.commit + "/" + entry.path;
  }
  [[nodiscard]] std::unique_ptr<os::File> open(const std::string& place, Entry& entry);
  [[nodiscard]] const Blob& blob_of(const Entry& entry) const {
    return inventory_.blobs[static_cast<std::size_t>(entry.blob)];
  }
  void unreadable(const std::string& place, const Error& error);
  // clients write their listings 0600: in a shared cache they are unreadable for others
  void note_unread(const std::string& place, std::string cause) {
    inventory_.unread_listings.push_back(
        {local_dir_ ? place : inventory_.folder + "/" + place, "open", std::move(cause)});
  }

  const os::Directory& repo_;
  RepoInventory& inventory_;
  const bool local_dir_;
  Evidence evidence_;
};

void Gatherer::unreadable(const std::string& place, const Error& error) {
  if (os::is_absent(error)) return;
  inventory_.unreadable.push_back(
      {local_dir_ ? place : inventory_.folder + "/" + place, error.operation, error.cause});
}

// The blob itself is opened rather than the snapshot's link to it: one link fewer to follow.
std::unique_ptr<os::File> Gatherer::open(const std::string& place, Entry& entry) {
  auto path = place;
  auto links = os::Links::refuse;
  if (entry.blob >= 0) {
    const auto& blob = blob_of(entry);
    path = "blobs/" + blob.name;
    if (blob.shared) links = os::Links::follow;
  } else if (entry.kind == EntryKind::link) {
    links = os::Links::follow;
  }
  auto file = repo_.open_file(path, links);
  if (file) return std::move(*file);
  if (os::is_absent(file.error())) entry.exists = false;
  unreadable(place, file.error());
  return nullptr;
}

void Gatherer::read_trees() {
  for (const auto& entry : inventory_.trees) {
    const auto name = last_component(entry.path);
    const auto commit = name.substr(0, name.size() - 5);
    auto file = repo_.open_file(entry.path);
    if (!file) {
      const int code = file.error().code;
      if (code == EACCES || code == EPERM)
        note_unread(entry.path, file.error().cause);
      else
        unreadable(entry.path, file.error());
      continue;
    }
    auto tree = read_tree(**file);
    if (!tree && tree.error().code != 0) {
      unreadable(entry.path, tree.error());
      continue;
    }
    if (!tree) {
      evidence_.bad_trees.emplace_back(entry.path, tree.error().cause);
      continue;
    }
    if (!*tree) continue;  // written by a client newer than we know: ignored, as clients do
    if (!entry.meta.access.read) {
      note_unread(entry.path, "the cache's user may not read it");
    }
    const auto& revisions = inventory_.revisions;
    const auto found =
        std::lower_bound(revisions.begin(), revisions.end(), commit,
                         [](const Revision& r, std::string_view c) { return r.commit < c; });
    if (found == revisions.end() || found->commit != commit) continue;
    evidence_.revisions[static_cast<std::size_t>(found - revisions.begin())].tree =
        std::move(**tree);
  }
}

void Gatherer::inspect_entry(const Revision& revision, Entry& entry, RevisionEvidence& into) {
  const auto place = place_of(revision, entry);
  if (find_link_text(entry, place) || is_system_file(entry.path)) return;
  if (is_weight_index(entry.path)) {
    if (const auto file = open(place, entry)) read_index(entry, place, *file, into);
    return;
  }
  if (entry.path == "model_index.json") {
    if (const auto file = open(place, entry)) {
      auto components = read_model_index(*file);
      if (components)
        into.components = std::move(*components);
      else
        reject(entry, place, components.error(), into);
    }
  }
  auto format = format_of(entry.path);
  if (!is_examined(format, entry.path)) format = FileFormat::other;
  const bool pointer_sized = entry.meta.size >= pointer_least && entry.meta.size <= pointer_most;
  std::unique_ptr<os::File> file;
  if (format != FileFormat::other || pointer_sized) judge(entry, format, place, into, file);
  add_named(entry, place, into, file);
}

// A regular file that holds the text of a link is a lost link rather than content.
bool Gatherer::find_link_text(Entry& entry, const std::string& place) {
  if (local_dir_ || entry.kind != EntryKind::copy || !may_be_link_text(entry.meta.size))
    return false;
  const auto file = open(place, entry);
  if (!file) return true;
  std::string bytes(static_cast<std::size_t>(entry.meta.size), '\0');
  const auto got = file->read_at(0, bytes);
  if (!got) {
    unreadable(place, got.error());
    return true;
  }
  bytes.resize(*got);
  entry.target = link_text_in(bytes);
  if (entry.target.empty()) return false;
  entry.kind = EntryKind::link;
  entry.exists = false;
  entry.text_file = true;
  return true;
}

// JSON of data sets and applications is theirs, regardless of its name.
bool Gatherer::is_examined(FileFormat format, const std::string& path) const {
  const bool json = format == FileFormat::json || format == FileFormat::json_object;
  return !json || inventory_.repo.type == RepoType::model ||
         last_component(path).starts_with("dataset_");
}

// The files that this one names.
void Gatherer::add_named(Entry& entry, const std::string& place, RevisionEvidence& into,
                         std::unique_ptr<os::File>& file) {
  const auto format = naming_format_of(entry.path);
  const bool of_data = format == NamingFormat::dataset_state ||
                       format == NamingFormat::dataset_dict || format == NamingFormat::streaming ||
                       format == NamingFormat::lerobot;
  const auto type = format == NamingFormat::space ? RepoType::space
                    : of_data                     ? RepoType::dataset
                                                  : RepoType::model;
  if (format == NamingFormat::none || inventory_.repo.type != type) return;
  if (!file) file = open(place, entry);
  if (!file) return;
  auto named = read_named(format, entry.path, *file);
  if (!named) return unreadable(place, named.error());
  for (auto& one : *named) {
    const bool elsewhere =
        one.kind != NamedKind::dependency && !one.repo.empty() && one.repo != inventory_.repo.id;
    if (!elsewhere) into.named.push_back(std::move(one));
  }
}

void Gatherer::follow_named(std::size_t number) {
  auto& revision = inventory_.revisions[number];
  auto& into = evidence_.revisions[number];
  const auto open_entry = [&](Entry& entry) {
    const bool foreign = entry.escapes || (entry.blob >= 0 && blob_of(entry).escapes);
    return foreign ? nullptr : open(place_of(revision, entry), entry);
  };
  follow_imports(revision, into.named, open_entry);
  if (inventory_.repo.type == RepoType::model) {
    find_companions(revision, into.named, open_entry);
  }
  if (!local_dir_) find_partial_targets(revision, into.named);
  const bool unknown = inventory_.repo.id.empty();  // a --local-dir, and no REPO was given
  const auto of_what = inventory_.repo.type != RepoType::model ? PartsOf::data
                       : unknown                               ? PartsOf::unknown
                                                               : PartsOf::model;
  find_missing_parts(revision, into.named, of_what, open_entry);
  for (auto& [path, structure] : shorter_than_named(revision, into)) {
    const auto* entry = find_in(revision, path);
    const std::pair key{entry->meta.key, FileFormat::external};
    const auto known = evidence_.structures.emplace(key, std::move(structure)).first;
    into.structures.insert_or_assign(path, &known->second);
  }
}

// A disk that cannot be read is one thing, a file that cannot be understood another. For one that
// breaks off the structure has the details.
void Gatherer::reject(Entry& entry, const std::string& place, const Error& error,
                      RevisionEvidence& into) {
  if (error.code != 0) return unreadable(place, error);
  std::unique_ptr<os::File> file;
  judge(entry, FileFormat::json, place, into, file);
  into.unusable.emplace_back(entry.path, error.cause);
}

void Gatherer::read_index(Entry& entry, const std::string& place, ByteSource& file,
                          RevisionEvidence& into) {
  auto files = read_weight_index(file);
  if (!files) return reject(entry, place, files.error(), into);
  const auto& path = entry.path;
  const auto slash = path.rfind('/');
  if (slash != std::string::npos) {
    for (auto& name : *files)
      name.insert(0, path, 0, slash + 1);
  }
  into.indices.push_back({path, std::move(*files)});
}

void Gatherer::judge(Entry& entry, FileFormat format, const std::string& place,
                     RevisionEvidence& into, std::unique_ptr<os::File>& file) {
  const std::pair key{entry.meta.key, format};
  auto known = evidence_.structures.find(key);
  if (known == evidence_.structures.end()) {
    file = open(place, entry);
    if (!file) return;
    auto structure = examine(format, *file);
    if (!structure) return unreadable(place, structure.error());
    known = evidence_.structures.emplace(key, std::move(*structure)).first;
  }
  // A blob may be the Hub's own file: its name is the hash of the content, which is not computed.
  if (known->second.only_marked && (entry.blob >= 0 || !is_refused_with_mark(entry.path))) return;
  into.structures.emplace(entry.path, &known->second);
}

}  // namespace

Evidence gather_evidence(const os::Directory& repo, RepoInventory& inventory, EntryFolder entries) {
  return Gatherer(repo, inventory, entries).gather();
}

}  // namespace hfaudit
