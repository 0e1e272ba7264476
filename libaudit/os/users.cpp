#include "os/users.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <optional>
#include <vector>

#include "base/whole_number.hpp"
#include "os/access_list.hpp"

namespace hfaudit::os {
namespace {

constexpr unsigned read_bit = 4, write_bit = 2, enter_bit = 1;

Access from_bits(unsigned bits) {
  return Access{(bits & read_bit) != 0, (bits & write_bit) != 0, (bits & enter_bit) != 0};
}

// getpwuid and its kin share one buffer; the walk asks from several threads.
std::mutex& user_database() {
  static std::mutex mutex;
  return mutex;
}

constexpr std::uint64_t no_device = ~std::uint64_t{0};
constexpr std::uint32_t usual_overflow_uid = 65534;

std::optional<std::uint32_t> read_number(const char* path) {
  std::ifstream file(path);
  std::uint32_t value = 0;
  return file >> value ? std::optional<std::uint32_t>(value) : std::nullopt;
}

}  // namespace

struct CacheUser::State {
  std::uint32_t uid = 0, gid = 0;
  std::optional<Sharing> sharing;
  std::once_flag groups_read;
  std::vector<gid_t> groups;
  // The last device that was found to be without lists: one call less for each of its files.
  std::atomic<std::uint64_t> without_lists = no_device;

  bool in_group(std::uint32_t group) {
    std::call_once(groups_read, [this] { read_groups(); });
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  }
  void read_groups();
  // Of an entry that the walk has met, by its path.
  std::vector<AclEntry> list_of(const FileInfo& meta, const std::string& path);
  std::optional<unsigned> acl_bits(const FileInfo& meta, const std::vector<AclEntry>& entries);
  Access access(const FileInfo& meta, const std::vector<AclEntry>& entries);
  // The list matters to all but root and the owner.
  [[nodiscard]] bool needs_list(const FileInfo& meta) const {
    return uid != 0 && uid != meta.uid && meta.type != FileType::symlink;
  }
};

std::vector<AclEntry> CacheUser::State::list_of(const FileInfo& meta, const std::string& path) {
  if (meta.key.device == without_lists.load(std::memory_order_relaxed)) return {};
  bool supported = true;
  auto entries = read_acl(path, &supported);
  // links and special files lack lists on any device
  struct stat found{};
  const bool lacks = !supported && ::lstat(path.c_str(), &found) == 0 &&
                     (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode));
  if (lacks) without_lists.store(found.st_dev, std::memory_order_relaxed);
  return entries;
}

void CacheUser::State::read_groups() {
  groups.push_back(gid);
  if (uid == ::geteuid()) {  // works without a user database, as in a bare container
    std::vector<gid_t> own(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    if (::getgroups(static_cast<int>(own.size()), own.data()) >= 0) {
      groups.insert(groups.end(), own.begin(), own.end());
    }
    groups.push_back(::getegid());
    return;
  }
  const std::scoped_lock lock(user_database());
  const auto* entry = ::getpwuid(uid);
  if (entry == nullptr) return;
  const std::string name = entry->pw_name;
  int count = 256;
  std::vector<gid_t> found(static_cast<std::size_t>(count));
  if (::getgrouplist(name.c_str(), entry->pw_gid, found.data(), &count) < 0) {
    found.resize(static_cast<std::size_t>(count));
    ::getgrouplist(name.c_str(), entry->pw_gid, found.data(), &count);
  }
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(count, 0))));
  groups.insert(groups.end(), found.begin(), found.end());
}

// The order of acl(5): named user, then any group that grants, then others. nullopt without an ACL.
std::optional<unsigned> CacheUser::State::acl_bits(const FileInfo& meta,
                                                   const std::vector<AclEntry>& entries) {
  if (entries.empty()) return std::nullopt;
  unsigned mask = 7, other = meta.mode & 7U, groups_grant = 0;
  bool in_some_group = false;
  std::optional<unsigned> named;
  for (const auto& entry : entries) {
    if (entry.tag == acl_mask) mask = entry.permissions;
    if (entry.tag == acl_other) other = entry.permissions;
    if (entry.tag == acl_user && entry.id == uid) named = entry.permissions;
    const bool group_matches = (entry.tag == acl_group_owner && in_group(meta.gid)) ||
                               (entry.tag == acl_group && in_group(entry.id));
    if (group_matches) {
      in_some_group = true;
      groups_grant |= entry.permissions;
    }
  }
  if (named) return *named & mask;
  return in_some_group ? groups_grant & mask : other;
}

CacheUser::CacheUser(std::uint32_t uid, std::uint32_t gid) : state_(std::make_unique<State>()) {
  state_->uid = uid;
  state_->gid = gid;
}
CacheUser::~CacheUser() = default;
CacheUser::CacheUser(CacheUser&&) noexcept = default;

Result<CacheUser> CacheUser::parse(const std::string& text) {
  const auto colon = text.find(':');
  const auto user = text.substr(0, colon);
  std::uint32_t uid = 0, gid = 0;
  if (const auto* entry = ::getpwnam(user.c_str())) {
    uid = entry->pw_uid;
    gid = entry->pw_gid;
  } else if (const auto number = whole_number<std::uint32_t>(user)) {
    uid = *number;
    const auto* known = ::getpwuid(uid);
    gid = known != nullptr ? known->pw_gid : uid;
  } else {
    return failure("find", user, "no such user");
  }
  if (colon != std::string::npos) {
    const auto group = text.substr(colon + 1);
    if (const auto* entry = ::getgrnam(group.c_str())) {
      gid = entry->gr_gid;
    } else if (const auto number = whole_number<std::uint32_t>(group)) {
      gid = *number;
    } else {
      return failure("find", group, "no such group");
    }
  }
  return CacheUser(uid, gid);
}

std::uint32_t CacheUser::uid() const {
  return state_->uid;
}
std::uint32_t CacheUser::gid() const {
  return state_->gid;
}
std::string CacheUser::name() const {
  return user_name(state_->uid);
}

// With a list the group's bits of the mode are its mask, so a mode that grants access proves
// nothing.
Access CacheUser::State::access(const FileInfo& meta, const std::vector<AclEntry>& entries) {
  if (uid == 0) return {};  // root may do everything
  if (uid == meta.uid) return from_bits(meta.mode >> 6U);
  if (meta.type == FileType::symlink) return {};  // a link's own mode is meaningless
  const unsigned bits = in_group(meta.gid) ? meta.mode >> 3U : meta.mode;
  return from_bits(acl_bits(meta, entries).value_or(bits));
}

Access CacheUser::access(const FileInfo& meta, const std::string& path) const {
  return state_->access(
      meta, state_->needs_list(meta) ? state_->list_of(meta, path) : std::vector<AclEntry>());
}

bool CacheUser::may_receive(const File& file) const {
  const auto& meta = file.meta();
  if (state_->uid == 0 || state_->uid == meta.uid) return true;
  const bool in_group = meta.gid != 0 && state_->in_group(meta.gid);
  const unsigned bits = in_group ? meta.mode >> 3U : meta.mode;
  // the group's bits of a file with a list are the mask of the list
  return (state_->acl_bits(meta, read_acl(file.fd())).value_or(bits) & read_bit) != 0;
}

void CacheUser::share_with(const std::optional<Sharing>& sharing) {
  state_->sharing = sharing;
}

bool CacheUser::shares() const {
  return state_->sharing.has_value();
}

FileInfo CacheUser::judge(FileInfo meta, const std::string& path) const {
  if (meta.type == FileType::symlink || (!state_->sharing && !state_->needs_list(meta))) {
    meta.access = state_->access(meta, {});
    return meta;
  }
  const auto entries = state_->list_of(meta, path);
  meta.access = state_->access(meta, entries);
  if (!state_->sharing) return meta;
  meta.members = members_access(meta, *state_->sharing);
  if (const auto bits = group_acl_bits(entries, meta, state_->sharing->gid))
    meta.members = from_bits(*bits);
  return meta;
}

bool is_private_group(std::uint32_t uid, std::uint32_t gid) {
  const std::scoped_lock lock(user_database());
  const auto* group = ::getgrgid(gid);
  if (group == nullptr) return uid == gid;
  const std::string name = group->gr_name;
  if (group->gr_mem != nullptr && *group->gr_mem != nullptr &&
      (name != *group->gr_mem || *(group->gr_mem + 1) != nullptr))
    return false;
  const auto* user = ::getpwuid(uid);
  return user != nullptr && user->pw_gid == gid && name == user->pw_name;
}

std::optional<Sharing> sharing_declared_by(const FileInfo& hub, const std::string& path) {
  if (!declares_sharing(hub.mode)) return std::nullopt;
  const auto acl = group_acl_bits(read_acl(path), hub, hub.gid);
  if (acl && (*acl & write_bit) == 0) return std::nullopt;  // the mode shows the mask of the list
  // setgid is set by hand, the group's right to write by the umask 002 of private groups
  const bool by_hand = (hub.mode & mode_bits::set_gid) != 0;
  if (!by_hand && is_private_group(hub.uid, hub.gid)) return std::nullopt;
  return Sharing{hub.gid};
}

bool group_may_write(int folder, std::uint32_t mode, std::uint32_t gid) {
  FileInfo meta;
  meta.gid = gid;
  return (group_acl_bits(read_acl(folder), meta, gid).value_or(mode >> 3U) & write_bit) != 0;
}

std::shared_ptr<const CacheUser> recipient_of(const FileInfo& folder) {
  if (::geteuid() != 0 || folder.uid == 0) return nullptr;
  return std::make_shared<const CacheUser>(folder.uid, folder.gid);
}

// A namespace that maps all users, as the first one does, is without unmapped ones.
bool is_unmapped_user(std::uint32_t uid) {
  if (uid != read_number("/proc/sys/kernel/overflowuid").value_or(usual_overflow_uid)) return false;
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0, outside = 0, count = 0, mapped = 0;
  while (map >> inside >> outside >> count)
    mapped += count;
  constexpr std::uint64_t all_users = 0xFFFFFFFF;
  return mapped != 0 && mapped < all_users;
}

CacheUser this_user() {
  return {::geteuid(), ::getegid()};
}

std::string user_name(std::uint32_t uid) {
  const std::scoped_lock lock(user_database());
  const auto* entry = ::getpwuid(uid);
  return entry != nullptr ? std::string(entry->pw_name) : std::to_string(uid);
}

std::string group_name(std::uint32_t gid) {
  const std::scoped_lock lock(user_database());
  const auto* entry = ::getgrgid(gid);
  return entry != nullptr ? std::string(entry->gr_name) : std::to_string(gid);
}

}  // namespace hfaudit::os
