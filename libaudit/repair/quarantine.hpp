// The files that a repair moves aside instead of deleting them:
//   <repo folder>/.hfaudit-quarantine/<8 hex>/<name>      the entry itself, under its own name
//   <repo folder>/.hfaudit-quarantine/<8 hex>/.note       three lines: where it was, why it was
//   moved, when
//
// Content outside all repos is kept in `<hub>/.locks/.hfaudit-quarantine/`, which clients ignore;
// of a --local-dir below its `.cache/huggingface/`. The note comes first: an item that has only a
// note was left in its place. Moving is a rename, so it costs no space, and works where the folder
// and the entry are on one file system.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hfaudit/repair.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"
#include "repair/path_resolver.hpp"

namespace hfaudit {

// Moves the entry at `location` aside. `from`: its path for readers. On failure the cache is
// unchanged.
[[nodiscard]] Result<void> move_to_quarantine(const PathResolver& resolver, const std::string& path,
                                              const OpenLocation& location, std::string_view why,
                                              double now_s);
// The same, but the entry stays too: for a file that is about to be replaced in one step.
[[nodiscard]] Result<void> keep_in_quarantine(const PathResolver& resolver, const std::string& path,
                                              const OpenLocation& location, std::string_view why,
                                              double now_s);

}  // namespace hfaudit
