#include <algorithm>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

void fuzz::try_input(std::string_view input) {
  MemorySource source(input);
  const auto tree = read_tree(source);
  if (!tree || !*tree) return;
  const auto& files = (*tree)->files;
  const auto before = [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; };
  fuzz::require(std::is_sorted(files.begin(), files.end(), before));
  for (const auto& file : files) {
    fuzz::require(is_safe_relative_path(file.path) && is_lower_hex(file.blob_id, 40));
    fuzz::require(file.lfs_sha256.empty() || is_lower_hex(file.lfs_sha256, 64));
    fuzz::require(file.xet_hash.empty() || is_lower_hex(file.xet_hash, 64));
  }
}
