// The user of the cache, and the access of that user to an entry.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/file_info.hpp"
#include "base/sharing.hpp"
#include "hfaudit/result.hpp"
#include "os/fs.hpp"

namespace hfaudit::os {

// The user on whose behalf the cache is judged. Thread-safe.
class CacheUser {
 public:
  CacheUser(std::uint32_t uid, std::uint32_t gid);
  ~CacheUser();
  CacheUser(CacheUser&&) noexcept;
  CacheUser& operator=(CacheUser&&) = delete;
  CacheUser(const CacheUser&) = delete;

  // "name", "name:group", or numbers. Errors: unknown user or group.
  [[nodiscard]] static Result<CacheUser> parse(const std::string& text);

  [[nodiscard]] std::uint32_t uid() const;
  [[nodiscard]] std::uint32_t gid() const;
  [[nodiscard]] std::string name() const;  // the number where the system lacks a name

  // The access that the kernel grants this user, by owner, group, mode and, for entries of others,
  // the POSIX ACL of `path` (absolute; a symlink in its last component is left unfollowed). The
  // user database is asked only when an entry belongs to another user.
  [[nodiscard]] Access access(const FileInfo& meta, const std::string& path) const;

  // May the content of this open file be passed on to the user? Files of the user's own count
  // whatever their mode, and group root is ignored: a folder that root gave away often keeps it.
  [[nodiscard]] bool may_receive(const File& file) const;

  // From then on judge() also fills in the access of this group's members.
  void share_with(const std::optional<Sharing>& sharing);
  [[nodiscard]] bool shares() const;
  // The same file with `access` and `members` filled in.
  [[nodiscard]] FileInfo judge(FileInfo meta, const std::string& path) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether the user is the only member of the group. Distributions give each user a group of their
// own, with the user's name and number, and a umask of 002. For a group outside the database equal
// numbers decide.
[[nodiscard]] bool is_private_group(std::uint32_t uid, std::uint32_t gid);

// The sharing that the folder `hub` declares (`path` gives its access control list). nullopt: only
// its owner writes it, or a group without other members by the convention of private groups.
[[nodiscard]] std::optional<Sharing> sharing_declared_by(const FileInfo& hub,
                                                         const std::string& path);

// Whether the group that owns this open folder may write it: the bits of its mode are the mask
// where the folder has an access control list.
[[nodiscard]] bool group_may_write(int folder, std::uint32_t mode, std::uint32_t gid);

// Root that works in another user's folder reads for that user: only content that the user may read
// can reach a copy or an archive. Returns the user for CacheUser::may_receive(); null: this process
// is an ordinary user's, or the folder is root's.
[[nodiscard]] std::shared_ptr<const CacheUser> recipient_of(const FileInfo& folder);

// Does the uid stand for users outside this user namespace? Acting for it would act for the user
// with that number here.
[[nodiscard]] bool is_unmapped_user(std::uint32_t uid);

// Of this process.
[[nodiscard]] CacheUser this_user();

// "alice", or the number.
[[nodiscard]] std::string user_name(std::uint32_t uid);
[[nodiscard]] std::string group_name(std::uint32_t gid);

}  // namespace hfaudit::os
