// The sharing that the hub folder of a cache declares, and its effect on the entries. Pure.
//
// A hub folder that its group may write declares a cache of many users: each member of the group
// downloads into it, and clients open locks for reading and writing, add files to folders and read
// the downloads of others. Access below it is limited to that of the hub folder itself.
#pragma once

#include <cstdint>

#include "base/file_info.hpp"

namespace hfaudit {

// A cache that is shared with a group.
struct Sharing {
  std::uint32_t gid = 0;

  bool operator==(const Sharing&) const = default;
};

// The changes to an entry.
struct GroupShare {
  std::uint32_t gid = 0;
  std::uint32_t mode = 0;  // all its permission bits
  bool inherit = false;    // a folder: new entries get its mode, regardless of the umask
  // The access that members need, for an entry with an access control list: the group's bits of
  // `mode` are the list's mask there.
  std::uint32_t members = 0;
};

namespace mode_bits {
inline constexpr std::uint32_t owner_read = 0400, owner_write = 0200;
inline constexpr std::uint32_t group_read = 040, group_write = 020, group_enter = 010;
inline constexpr std::uint32_t others_read = 04, others_write = 02, others_enter = 01;
inline constexpr std::uint32_t set_gid = 02000, sticky = 01000;
inline constexpr std::uint32_t of_group = group_read | group_write | group_enter;
}  // namespace mode_bits

// The access that the mode gives to a member of the group that neither owns the entry nor has an
// access control list on it.
[[nodiscard]] constexpr Access members_access(const FileInfo& meta, const Sharing& sharing) {
  if (meta.type == FileType::symlink) return {};  // a link's own mode is meaningless
  constexpr unsigned group_shift = 3;
  const auto bits = meta.gid == sharing.gid ? meta.mode >> group_shift : meta.mode;
  return {(bits & mode_bits::others_read) != 0, (bits & mode_bits::others_write) != 0,
          (bits & mode_bits::others_enter) != 0};
}

// The mode that a folder with write access for its group declares for new entries, independent of
// the umask: a file that the members may read and write, a folder like itself. A sticky folder
// (/tmp) declares that each user's files are their own.
[[nodiscard]] constexpr bool declares_sharing(std::uint32_t folder_mode) {
  const bool own =
      (folder_mode & mode_bits::sticky) != 0 && (folder_mode & mode_bits::set_gid) == 0;
  return (folder_mode & mode_bits::group_write) != 0 && !own;
}

[[nodiscard]] constexpr std::uint32_t declared_file_mode(std::uint32_t folder_mode,
                                                         std::uint32_t mode) {
  if (!declares_sharing(folder_mode)) return mode;
  return mode | (folder_mode & (mode_bits::group_read | mode_bits::group_write));
}

[[nodiscard]] constexpr std::uint32_t declared_folder_mode(std::uint32_t folder_mode,
                                                           std::uint32_t mode) {
  if (!declares_sharing(folder_mode)) return mode;
  return mode | (folder_mode & (mode_bits::of_group | mode_bits::set_gid));
}

}  // namespace hfaudit
