#include "cache/inventory.hpp"

#include <algorithm>

namespace hfaudit {

int RepoInventory::find_blob(std::string_view name) const {
  const auto at = std::lower_bound(
      blobs.begin(), blobs.end(), name,
      [](const Blob& blob, std::string_view wanted) { return blob.name < wanted; });
  return at != blobs.end() && at->name == name ? static_cast<int>(at - blobs.begin()) : -1;
}

}  // namespace hfaudit
