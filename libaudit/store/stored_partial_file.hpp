// The part of a PartialFile that is alike in both stores: the file that is written to, and the
// locks that are held meanwhile.
#pragma once

#include <string>
#include <utility>

#include "download/partial_file.hpp"
#include "listings/listings.hpp"
#include "store/lock.hpp"
#include "store/partial_writer.hpp"

namespace hfaudit {

class StoredPartialFile : public PartialFile {
 public:
  [[nodiscard]] int fd() const final { return writer_.fd(); }
  [[nodiscard]] std::uint64_t prefix() const final { return writer_.prefix(); }
  [[nodiscard]] Result<int> pieces(MissingPieces missing) final { return writer_.pieces(missing); }

 protected:
  StoredPartialFile(TreeFile file, bool replace, HeldLocks locks, PartialWriter writer)
      : file_(std::move(file)),
        replace_(replace),
        locks_(std::move(locks)),
        writer_(std::move(writer)) {}

  TreeFile file_;
  bool replace_;         // BeginOptions::replace
  bool placed_ = false;  // the content has its name
  HeldLocks locks_;
  PartialWriter writer_;  // closed before the locks go
};

}  // namespace hfaudit
