// POSIX access control lists (acl(5)), as the kernel stores them in the attribute
// system.posix_acl_access (linux/posix_acl_xattr.h): a 32-bit version (2), then for each entry tag,
// permissions and id, little-endian.
//
// With a list the bits of the group in a file's mode are the mask of the list: what the group may
// do stands in the list alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_info.hpp"

namespace hfaudit::os {

struct AclEntry {
  std::uint16_t tag = 0, permissions = 0;
  std::uint32_t id = 0;
};
constexpr std::uint16_t acl_user = 0x02, acl_group_owner = 0x04, acl_group = 0x08, acl_mask = 0x10,
                        acl_other = 0x20;

// The list of an entry; a symlink in the last component of `path` is left unfollowed. Empty: the
// mode alone decides. If the list is unreadable, the bits of the group may be its mask: then the
// group counts as without access. `supported`: whether the file system has lists for such entries.
[[nodiscard]] std::vector<AclEntry> read_acl(const std::string& path, bool* supported = nullptr);
[[nodiscard]] std::vector<AclEntry> read_acl(int fd);

// The access that the list gives to a member of `group`: bits as in a mode. nullopt without a list.
[[nodiscard]] std::optional<unsigned> group_acl_bits(const std::vector<AclEntry>& entries,
                                                     const FileInfo& meta, std::uint32_t group);

}  // namespace hfaudit::os
