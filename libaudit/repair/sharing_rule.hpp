// The modes by which all members of a group can use an entry of the cache that they share: the rule
// of `repair --only ownership`. Pure.
//
// Access is limited to that of the hub folder: only its group gets in. A file that is still closed
// to the members is opened for them only with evidence that it is the cache's: any user with write
// access to the cache can move another user's private file into it, under any name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/file_info.hpp"
#include "base/sharing.hpp"

namespace hfaudit {

enum class SharedEntry : std::uint8_t {
  other,    // of unknown origin: it stays as it is
  folder,   // members add files to it
  lock,     // members open it for reading and writing
  marker,   // .no_exist/<commit>/<path>
  blob,     // members read it
  partial,  // old clients of the members append to it
  ref,      // old clients of the members write it in place
  tree,     // members read it
  copy      // a file of a snapshot: members read it
};

// By its path below the hub folder: ".locks/models--a--b/<etag>.lock".
[[nodiscard]] SharedEntry shared_entry_at(std::string_view path, FileType type);

// The evidence that a file needs before it is changed.
enum class ShareEvidence : std::uint8_t {
  none,
  empty,    // its size is 0, so it is free of private content
  digest,   // its content hashes to its name
  commit,   // it holds exactly the hash of a commit
  listing,  // it begins as a listing of clients does
  names,    // a folder: all names in it are such as clients make there
  nothing   // no evidence is enough
};

struct SharingFix {
  GroupShare share;
  ShareEvidence evidence = ShareEvidence::none;
};

// nullopt: the members can use it, or it stays as it is. `meta.members` is their present access.
[[nodiscard]] std::optional<SharingFix> sharing_fix_for(const FileInfo& meta, SharedEntry entry,
                                                        const Sharing& sharing);

// For a folder that members can use: lets new entries be theirs, too.
[[nodiscard]] GroupShare inheritance_of(const FileInfo& meta, const Sharing& sharing);

// ShareEvidence::names. `folder`: below the hub folder.
[[nodiscard]] bool is_known_child(std::string_view folder, std::string_view name, FileType type);
// The same in the folder of xet itself.
[[nodiscard]] bool is_known_child_of_xet(std::string_view name, FileType type);

// The home around the hub: the members pass through it, and cannot list its other entries.
[[nodiscard]] std::optional<SharingFix> passage_fix_for(const FileInfo& meta,
                                                        const Sharing& sharing);

// The first bytes of a file in trees/.
[[nodiscard]] bool begins_as_listing(std::string_view text);

}  // namespace hfaudit
