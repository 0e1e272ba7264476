#include <algorithm>
#include <map>

#include "base/path.hpp"
#include "cache/blob_name.hpp"
#include "listings/file_role.hpp"
#include "scan/walk_local.hpp"

namespace hfaudit {
namespace {

// A file with a control file of aria2 is unfinished, however long it is. Browsers reserve the name
// of the target by an empty file.
void forget_unfinished(RepoInventory& inventory) {
  std::map<std::string_view, bool> has_notes;  // by the file
  for (const auto& partial : inventory.partials) {
    if (!partial.local_file.empty())
      has_notes[partial.local_file] |= is_notes_name(last_component(partial.path));
  }
  if (has_notes.empty()) return;
  std::erase_if(inventory.revisions.front().entries, [&](const Entry& entry) {
    const auto target = has_notes.find(entry.path);
    return target != has_notes.end() && (target->second || entry.meta.size == 0);
  });
}

// A repo may have a file `weights.part`: a name in the listing or in the download's own record is a
// whole file.
void take_back_listed(RepoInventory& inventory, const RevisionEvidence& known) {
  const auto& recorded = known.recorded;  // sorted by file
  const auto* listing = known.listing();
  const auto is_listed = [&](const std::string& path) {
    const auto record =
        std::lower_bound(recorded.begin(), recorded.end(), path,
                         [](const LocalRecord& one, const std::string& p) { return one.file < p; });
    return (record != recorded.end() && record->file == path) ||
           (listing != nullptr && listing->find(path) != nullptr);
  };
  auto& entries = inventory.revisions.front().entries;
  std::erase_if(inventory.partials, [&](const Partial& partial) {
    if (partial.local_file.empty() || !is_listed(partial.path)) return false;
    Entry entry;
    entry.path = partial.path;
    entry.kind = EntryKind::copy;
    entry.exists = true;
    entry.meta = partial.meta;
    entries.push_back(std::move(entry));
    return true;
  });
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
}

}  // namespace

void settle_partials(RepoInventory& inventory, const Evidence& evidence) {
  const auto& known = evidence.revisions.front();
  take_back_listed(inventory, known);
  forget_unfinished(inventory);
  const auto& tree = known.tree;
  if (!tree) return;
  for (auto& partial : inventory.partials) {
    if (!partial.local_file.empty()) continue;
    for (const auto& file : tree->files) {
      if (file.etag() == partial.etag) partial.local_file = file.path;
    }
  }
}

}  // namespace hfaudit
