#include "scan/gather.hpp"

#include <algorithm>
#include <cerrno>

#include "base/path.hpp"
#include "formats/examine.hpp"

namespace hfaudit {
namespace {

// A git LFS pointer is about 130 bytes long. Only files of such a size are opened to look for one.
constexpr std::uint64_t pointer_least = 100, pointer_most = 250;

class Gatherer {
 public:
  Gatherer(const os::Directory& repo, RepoInventory& inventory, bool local_dir)
      : repo_(repo), inventory_(inventory), local_dir_(local_dir) {}

  Evidence gather() {
    evidence_.revisions.resize(inventory_.revisions.size());
    read_trees();
    for (std::size_t i = 0; i < inventory_.revisions.size(); ++i) {
      for (auto& entry : inventory_.revisions[i].entries) {
        // not ours to open
        const bool foreign = entry.escapes || (entry.blob >= 0 && blob_of(entry).escapes);
        if (entry.exists && !foreign && entry.meta.type == FileType::regular) {
          inspect_entry(inventory_.revisions[i], entry, evidence_.revisions[i]);
        }
      }
    }
    return std::move(evidence_);
  }

 private:
  void read_trees();
  void inspect_entry(const Revision& revision, Entry& entry, RevisionEvidence& into);
  void read_index(const std::string& path, const std::string& place, ByteSource& file,
                  RevisionEvidence& into);
  void reject(const std::string& path, const std::string& place, const Error& error,
              RevisionEvidence& into);
  void judge(Entry& entry, FileFormat format, const std::string& place, RevisionEvidence& into);
  [[nodiscard]] std::unique_ptr<os::File> open(const std::string& place, Entry& entry);
  [[nodiscard]] const Blob& blob_of(const Entry& entry) const {
    return inventory_.blobs[static_cast<std::size_t>(entry.blob)];
  }
  void unreadable(const std::string& place, const Error& error);
  // clients write their listings 0600: in a shared cache others may not read them
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

// The blob itself is opened, not the way through the snapshot: one link fewer to follow.
std::unique_ptr<os::File> Gatherer::open(const std::string& place, Entry& entry) {
  auto path = place;
  bool follow = false;
  if (entry.blob >= 0) {
    const auto& blob = blob_of(entry);
    path = "blobs/" + blob.name;
    follow = blob.shared;
  } else if (entry.kind == EntryKind::link) {
    follow = true;
  }
  auto file = repo_.open_file(path, follow);
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
  const auto place = local_dir_ ? entry.path : "snapshots/" + revision.commit + "/" + entry.path;
  if (is_weight_index(entry.path)) {
    if (const auto file = open(place, entry)) read_index(entry.path, place, *file, into);
    return;
  }
  if (entry.path == "model_index.json") {
    if (const auto file = open(place, entry)) {
      auto components = read_model_index(*file);
      if (components)
        into.components = std::move(*components);
      else
        reject(entry.path, place, components.error(), into);
    }
    return;
  }
  const auto format = format_of(entry.path);
  const bool pointer_sized = entry.meta.size >= pointer_least && entry.meta.size <= pointer_most;
  if (format != FileFormat::other || pointer_sized) judge(entry, format, place, into);
}

// A disk that cannot be read is one thing, a file that cannot be understood another.
void Gatherer::reject(const std::string& path, const std::string& place, const Error& error,
                      RevisionEvidence& into) {
  if (error.code != 0) return unreadable(place, error);
  into.unusable.emplace_back(path, error.cause);
}

void Gatherer::read_index(const std::string& path, const std::string& place, ByteSource& file,
                          RevisionEvidence& into) {
  auto files = read_weight_index(file);
  if (!files) return reject(path, place, files.error(), into);
  const auto slash = path.rfind('/');
  if (slash != std::string::npos) {
    for (auto& name : *files)
      name.insert(0, path, 0, slash + 1);
  }
  into.indices.push_back({path, std::move(*files)});
}

void Gatherer::judge(Entry& entry, FileFormat format, const std::string& place,
                     RevisionEvidence& into) {
  const std::pair key{entry.meta.key, format};
  auto known = evidence_.structures.find(key);
  if (known == evidence_.structures.end()) {
    const auto file = open(place, entry);
    if (!file) return;
    auto structure = examine(format, *file);
    if (!structure) return unreadable(place, structure.error());
    known = evidence_.structures.emplace(key, std::move(*structure)).first;
  }
  into.structures.emplace(entry.path, &known->second);
}

}  // namespace

Evidence gather_evidence(const os::Directory& repo, RepoInventory& inventory, bool local_dir) {
  return Gatherer(repo, inventory, local_dir).gather();
}

}  // namespace hfaudit
