// # lfs-pointer
//
// A file holds a git LFS pointer, a text of a few lines, in place of its content. Scans read the
// files of weights and those of the size of a pointer.
//
// Why it matters: loading fails with an error about the header of the file.
//
// Not raised: if the pointer is the content that the listing gives for this file, in size and as a
// file outside LFS.
//
// Causes: a git clone without git-lfs (or with GIT_LFS_SKIP_SMUDGE), checked with `--local-dir` or
// copied into the cache, or a mirror that serves the repo's git content. The Hub itself serves
// pointers under `/raw/`.
#include "rules/rules.hpp"

namespace hfaudit {

bool check_lfs_pointer(RepoCheck& c, RevisionState& state, const FileFacts& file) {
  if (file.structure == nullptr || file.structure->state != StructureState::lfs_pointer)
    return false;
  // the repo's own content is a pointer
  if (file.has_right_size() && !file.expected->lfs) return true;
  auto& finding =
      raise_wrong_content(c, state, FindingId::lfs_pointer, file.entry,
                          printable(file.entry.path) + " is a git LFS pointer, not the content");
  if (file.structure->pointer)
    finding.details.emplace_back(detail_key::expected, file.structure->pointer->size);
  return true;
}

}  // namespace hfaudit
