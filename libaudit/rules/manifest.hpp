// The expected files of a revision, and the basis of that list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit {

struct ExpectedFile {
  std::string path;                   // below the snapshot
  std::optional<std::uint64_t> size;  // if the basis has it
  std::string etag;                   // the name of its blob, if the basis has it
  bool lfs = false;                   // etag is a sha256
  std::string named_by;  // the index or the sibling that names it; empty: only the tree lists it
  // its user may have edited it, or git converted it: another size is allowed
  bool editable = false;
};

struct Manifest {
  Basis basis = Basis::links;
  bool exhaustive = false;  // lists every file of the revision (as a tree does, unlike an index)
  std::vector<ExpectedFile> files;  // sorted by path, each once
};

}  // namespace hfaudit
