#include "os/access_list.hpp"

#include <sys/xattr.h>

#include <cerrno>
#include <cstring>

namespace hfaudit::os {
namespace {

constexpr const char* acl_attribute = "system.posix_acl_access";

std::vector<AclEntry> parse_acl(const std::vector<char>& raw, ssize_t size) {
  std::vector<AclEntry> entries;
  for (std::size_t at = 4; size > 0 && at + 8 <= static_cast<std::size_t>(size); at += 8) {
    AclEntry entry;
    std::memcpy(&entry.tag, raw.data() + at, 2);
    std::memcpy(&entry.permissions, raw.data() + at + 2, 2);
    std::memcpy(&entry.id, raw.data() + at + 4, 4);
    entries.push_back(entry);
  }
  return entries;
}

// `get` is a getxattr() of the list. Empty: the mode alone decides. If the list is unreadable, the
// bits of the group may be its mask: then the group counts as without access.
template <typename Get>
std::vector<AclEntry> read_acl_by(Get get, bool* supported) {
  constexpr std::size_t usual = 1024;
  std::vector<char> raw(usual);
  ssize_t size = get(raw.data(), raw.size());
  for (int tries = 0; size < 0 && errno == ERANGE && tries < 3; ++tries) {
    const ssize_t wanted = get(nullptr, 0);
    if (wanted >= 0) raw.resize(static_cast<std::size_t>(wanted));
    size = wanted < 0 ? wanted : get(raw.data(), raw.size());
  }
  if (size >= 0) return parse_acl(raw, size);
  if (supported != nullptr) *supported = errno != EOPNOTSUPP;
  const bool no_list = errno == ENODATA || errno == EOPNOTSUPP || errno == ENOSYS ||
                       errno == ENOENT || errno == ENOTDIR;
  return no_list ? std::vector<AclEntry>()
                 : std::vector<AclEntry>{{acl_group_owner, 0, 0}, {acl_mask, 0, 0}};
}

}  // namespace

std::vector<AclEntry> read_acl(const std::string& path, bool* supported) {
  return read_acl_by(
      [&](char* into, std::size_t size) {
        return ::lgetxattr(path.c_str(), acl_attribute, into, size);
      },
      supported);
}

std::vector<AclEntry> read_acl(int fd) {
  return read_acl_by(
      [&](char* into, std::size_t size) { return ::fgetxattr(fd, acl_attribute, into, size); },
      nullptr);
}

std::optional<unsigned> group_acl_bits(const std::vector<AclEntry>& entries, const FileInfo& meta,
                                       std::uint32_t group) {
  if (entries.empty()) return std::nullopt;
  constexpr unsigned everything = 7;
  unsigned mask = everything, other = meta.mode & everything, granted = 0;
  bool in_group = false;
  for (const auto& entry : entries) {
    if (entry.tag == acl_mask) mask = entry.permissions;
    if (entry.tag == acl_other) other = entry.permissions;
    const bool matches = (entry.tag == acl_group_owner && meta.gid == group) ||
                         (entry.tag == acl_group && entry.id == group);
    if (!matches) continue;
    in_group = true;
    granted |= entry.permissions;
  }
  return in_group ? granted & mask : other;
}

}  // namespace hfaudit::os
