#include "cache/inventory.hpp"

#include <algorithm>

namespace hfaudit {

const Entry* Revision::find_entry(std::string_view path) const {
  const auto at = std::lower_bound(
      entries.begin(), entries.end(), path,
      [](const Entry& entry, std::string_view wanted) { return entry.path < wanted; });
  return at != entries.end() && at->path == path ? &*at : nullptr;
}

int RepoInventory::find_blob(std::string_view name) const {
  const auto at = std::lower_bound(
      blobs.begin(), blobs.end(), name,
      [](const Blob& blob, std::string_view wanted) { return blob.name < wanted; });
  return at != blobs.end() && at->name == name ? static_cast<int>(at - blobs.begin()) : -1;
}

}  // namespace hfaudit
