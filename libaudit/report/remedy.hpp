// What kind of thing mends a finding: the table that advice() turns into commands.
#pragma once

#include <cstdint>

#include "hfaudit/finding.hpp"

namespace hfaudit::report {

enum class Remedy : std::uint8_t {
  none,         // nothing is wrong, or somebody has to decide
  download,     // what is absent
  replace,      // content that is here and wrong
  relink,       // a link that leads astray: it goes, then the file is downloaded
  remove,       // a file that is worth nothing
  remove_tree,  // the same, or a folder
  prune,        // a folder of empty folders
  chown,        // let the cache's user in
  chmod,
  hide,  // from others
  look_at_process,
  look_at_space
};

[[nodiscard]] Remedy remedy_of(FindingId id);

}  // namespace hfaudit::report
