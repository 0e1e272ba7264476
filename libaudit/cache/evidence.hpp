// The statements of the files of a repo about each other and about themselves: cached trees,
// indices, headers.
//
// The second half of the scan; after it the checks work without the disk.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/inventory.hpp"
#include "formats/structure.hpp"
#include "listings/listings.hpp"
#include "listings/named.hpp"

namespace hfaudit {

struct WeightIndex {
  std::string path;                // of the index, below the snapshot
  std::vector<std::string> files;  // that it names, below the snapshot
};

struct RevisionEvidence {
  std::optional<Tree> locked;   // by the lock file that the user gave
  std::string locked_revision;  // its name there: "main"
  std::optional<Tree> tree;     // as the client cached it
  std::optional<Tree> hub;      // as the Hub gives it, where it was asked
  std::vector<WeightIndex> indices;
  std::vector<LocalRecord> recorded;  // of a --local-dir download
  // `tree` is that of a git clone's commit, whose working tree is its user's: files outside LFS are
  // edited, and their line ends converted.
  bool of_git = false;
  std::vector<std::string> checked_out;  // of a git clone: the files of its working tree
  std::vector<std::string> components;   // of diffusers' model_index.json
  std::vector<Named> named;              // by files that loaders read
  // indices that cannot be read: path, why
  std::vector<std::pair<std::string, std::string>> unusable;
  std::map<std::string, const Structure*> structures;  // by entry path; owned by Evidence

  // The best list of all files, or null.
  [[nodiscard]] const Tree* listing() const {
    if (locked) return &*locked;
    return hub ? &*hub : tree ? &*tree : nullptr;
  }
};

struct Evidence {
  std::vector<RevisionEvidence> revisions;  // parallel to RepoInventory::revisions
  std::map<std::pair<FileKey, FileFormat>, Structure> structures;
  std::vector<std::pair<std::string, std::string>> bad_trees;  // path, why
};

}  // namespace hfaudit
