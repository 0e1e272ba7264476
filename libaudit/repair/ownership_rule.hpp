// The right owner of an entry of a cache: the rule for the ownership that root restores. Pure.
#pragma once

#include <string_view>

#include "cache/inventory.hpp"

namespace hfaudit {

struct OwnershipContext {
  std::uint32_t uid = 0, gid = 0;  // the cache's user
  bool shared = false;             // its hub folder lets the group or all users write
  std::uint32_t hub_gid = 0;       // of the hub folder
};

enum class OwnershipFix : std::uint8_t {
  leave,
  give  // to the cache's user
};

// `meta.access` is the access of the cache's user. `name`: the last component; locks and partials
// of old clients are written to.
[[nodiscard]] OwnershipFix ownership_fix_for(const FileInfo& meta, std::string_view name,
                                             const OwnershipContext& context);

}  // namespace hfaudit
