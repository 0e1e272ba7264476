// How much of a download is there. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cache/evidence.hpp"
#include "cache/inventory.hpp"
#include "rules/expect.hpp"

namespace hfaudit {

struct WatchAmount {
  std::uint64_t files = 0, bytes = 0;
  std::optional<std::uint64_t> files_total, bytes_total;

  [[nodiscard]] bool all_there() const { return files_total == files && bytes_total == bytes; }
};

// Of the revision `asked`; where that is empty, of the one that is being downloaded: whose listing
// names a partial, else the newest that a ref names, else the newest.
[[nodiscard]] WatchAmount amount_of(const RepoInventory& repo, const Evidence& evidence,
                                    const PathFilter& filter, const std::string& asked);

// Does a living process write here, or hold a lock?
[[nodiscard]] bool has_activity(const RepoInventory& repo);

}  // namespace hfaudit
