#include "base/text.hpp"
#include "fuzz.hpp"
#include "hub/tree_page.hpp"

using namespace hfaudit;

// A page, the answer to a revision, or a Link header: each is tried.
void fuzz::try_input(std::string_view input) {
  if (const auto link = next_link(input))
    fuzz::require(input.find(*link) != std::string_view::npos);
  MemorySource revision(input);
  if (const auto sha = read_revision_sha(revision)) fuzz::require(is_lower_hex(*sha, 40));

  MemorySource source(input);
  std::vector<TreeFile> files;
  const auto page = read_tree_page(source, files);
  MemorySource answer(input);
  if (!page) (void)read_siblings(answer, files);
  for (const auto& file : files) {
    fuzz::require(is_safe_relative_path(file.path) && is_lower_hex(file.blob_id, 40));
    fuzz::require(file.lfs_sha256.empty() || is_lower_hex(file.lfs_sha256, 64));
    fuzz::require(file.xet_hash.empty() || is_lower_hex(file.xet_hash, 64));
  }
  if (!page) return;
  const auto tree = make_tree(std::move(files));
  if (!tree) return;
  for (std::size_t i = 1; i < tree->files.size(); ++i)
    fuzz::require(tree->files[i - 1].path < tree->files[i].path);
}
