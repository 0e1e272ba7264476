// The part of SecureDirectory that lets a group use an entry.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "os/secure_directory.hpp"
#include "os/system_error.hpp"

namespace hfaudit::os {
namespace {

constexpr const char* default_acl = "system.posix_acl_default";
constexpr const char* access_acl = "system.posix_acl_access";

// fchmod() and fsetxattr() refuse a descriptor by O_PATH; its name in /proc leads to this very
// inode.
std::string proc_name(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

// As linux/posix_acl_xattr.h has it: a version, then tag, permissions and an id that is unused in
// base entries; little-endian.
std::array<unsigned char, 28> list_of(std::uint32_t mode) {
  constexpr std::array<unsigned char, 3> tags = {0x01, 0x04, 0x20};  // user, group, others
  constexpr std::size_t header = 4, entry = 8, id_at = 4, id_size = 4;
  std::array<unsigned char, 28> bytes{};
  bytes[0] = 2;
  unsigned shift = 6;
  for (std::size_t i = 0; i < tags.size(); ++i, shift -= 3) {
    unsigned char* at = bytes.data() + header + i * entry;
    at[0] = tags[i];
    at[2] = static_cast<unsigned char>((mode >> shift) & 7U);
    std::memset(at + id_at, 0xFF, id_size);
  }
  return bytes;
}

// Where the file system lacks such lists, new files follow the umask of their makers.
void set_default_acl(int fd, std::uint32_t mode) {
  const auto name = proc_name(fd);
  if (::getxattr(name.c_str(), default_acl, nullptr, 0) > 0) return;  // another one was set
  const auto list = list_of(mode);
  (void)::setxattr(name.c_str(), default_acl, list.data(), list.size(), 0);
}

// The group's bits of a mode are the mask where the entry has a list of its own: chmod() alone
// would leave the group's entry closed, and open what the mask has closed to users that the list
// names. They keep exactly what they have.
Result<void> open_list(int fd, std::string_view name, std::uint32_t members) {
  constexpr unsigned named_user = 0x02, group_owner = 0x04, named_group = 0x08, mask_tag = 0x10;
  constexpr std::size_t header = 4, entry = 8, permissions = 2;
  constexpr unsigned all = 7;
  const unsigned wanted = (members >> 3U) & all;
  if (wanted == 0) return {};
  const auto path = proc_name(fd);
  // Of the kernel's limit: a list may name thousands of users.
  std::vector<unsigned char> list(std::size_t{64} * 1024);
  const auto got = ::getxattr(path.c_str(), access_acl, list.data(), list.size());
  if (got < 0 && errno != ENODATA && errno != EOPNOTSUPP)
    return failed("read the access control list of", name, errno);
  const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  const auto each = [&](auto change) {
    for (std::size_t at = header; at + entry <= size; at += entry)
      change(list[at], list[at + permissions]);
  };
  unsigned mask = all;
  bool has_mask = false;
  each([&](unsigned tag, unsigned char bits) {
    if (tag != mask_tag) return;
    mask = bits;
    has_mask = true;
  });
  if (!has_mask) return {};  // then the mode says all
  each([&](unsigned tag, unsigned char& bits) {
    if (tag == named_user || tag == named_group) bits &= static_cast<unsigned char>(mask);
    if (tag == group_owner) bits = static_cast<unsigned char>((bits & mask) | wanted);
    if (tag == mask_tag) bits |= static_cast<unsigned char>(wanted);
  });
  if (::setxattr(path.c_str(), access_acl, list.data(), size, XATTR_REPLACE) != 0)
    return failed("change the access control list of", name, errno);
  return {};
}

Result<void> share(int fd, std::string_view name, const SecureEntry& seen,
                   const GroupShare& share) {
  if (share.gid != seen.meta.gid &&
      ::fchownat(fd, "", static_cast<uid_t>(-1), share.gid, AT_EMPTY_PATH) != 0)
    return failed("change the group of", name, errno);
  if (auto opened = open_list(fd, name, share.members); !opened) return opened;
  // After the group, for the kernel takes setgid away where that changes.
  if ((share.mode != seen.meta.mode || share.gid != seen.meta.gid) &&
      ::chmod(proc_name(fd).c_str(), share.mode) != 0)
    return failed("change the permissions of", name, errno);
  if (share.inherit) set_default_acl(fd, share.mode);
  return {};
}

}  // namespace

Result<void> SecureDirectory::share(const std::string& name, const SecureEntry& seen,
                                    const GroupShare& how, std::int64_t since_ns) const {
  if (seen.meta.type != FileType::regular && seen.meta.type != FileType::directory)
    return failure("change", name, "neither a file nor a folder", EPERM);
  const auto held = hold(name, seen, since_ns);
  if (!held) return tl::unexpected(held.error());
  auto done = os::share(*held, name, seen, how);
  ::close(*held);
  return done;
}

Result<void> SecureDirectory::share_self(const SecureEntry& seen, const GroupShare& how) const {
  const auto now = inspect_self();
  if (!now || now->meta.key != seen.meta.key || now->meta.mode != seen.meta.mode ||
      now->meta.uid != seen.meta.uid)
    return failure("change", ".", "it has changed since the audit", ESTALE);
  return os::share(directory_.fd(), ".", seen, how);
}

bool SecureDirectory::has_default_acl() const {
  return ::fgetxattr(directory_.fd(), default_acl, nullptr, 0) > 0;
}

}  // namespace hfaudit::os
