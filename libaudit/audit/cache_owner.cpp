// The owner of the cache, and the commit that a name means in it.
#include <cerrno>

#include "audit/lookup.hpp"
#include "audit/run.hpp"
#include "os/access.hpp"
#include "os/fs.hpp"
#include "os/privilege.hpp"
#include "os/users.hpp"
#include "rules/check_home.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {

Result<os::CacheUser> find_cache_user(const Layout& layout, const AuditRequest& request) {
  if (request.owner) return os::CacheUser::parse(*request.owner);
  const auto owner = find_cache_owner(layout, request);
  if (!owner) return tl::unexpected(owner.error());
  if (!os::is_root() || os::is_unmapped_user(owner->uid)) return os::this_user();
  return os::CacheUser(owner->uid, owner->gid);
}

Result<FileInfo> find_cache_owner(const Layout& layout, const AuditRequest& request) {
  const auto& hub = layout.hub_cache.path;
  const auto folder = request.local_dir ? absolute_path(*request.local_dir) : hub;
  const bool in_home = !request.local_dir && within_home(layout, hub) != hub;
  for (const auto& path : {in_home ? layout.hf_home.path : folder, folder}) {
    const auto opened = os::Directory::open_root(path);
    auto meta = opened ? opened->stat_self() : Result<FileInfo>(tl::unexpected(opened.error()));
    if (meta) return meta;
    // a home that is closed to listing, with a hub that is open, is accepted
    const bool closed_home = path != folder && meta.error().code == EACCES;
    if (!os::is_absent(meta.error()) && !closed_home) return tl::unexpected(meta.error());
  }
  if (const auto link = os::find_dead_link(folder))
    return failure("open", link->path, unreachable_message(link->target), EIO);
  return failure("open", folder, "no such folder", ENOENT);
}

std::optional<std::string> resolve_revision(const RepoInventory& repo, const std::string& asked) {
  for (const auto& ref : repo.refs) {
    if (ref.name == asked && !ref.commit.empty()) return ref.commit;
  }
  std::optional<std::string> found;
  for (const auto& revision : repo.revisions) {
    if (revision.commit == asked) return asked;
    if (asked.size() >= 7 && revision.commit.starts_with(asked)) {
      if (found) return std::nullopt;  // ambiguous
      found = revision.commit;
    }
  }
  return found;
}

}  // namespace hfaudit
