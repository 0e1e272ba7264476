#include "os/privilege.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace hfaudit::os {
namespace {

tl::unexpected<Error> refused(std::uint32_t uid, int code) {
  return failure("become", "user " + std::to_string(uid), std::generic_category().message(code),
                 code);
}

// The user's groups, where the system knows the user; else the one group alone.
bool take_groups(uid_t uid, gid_t gid) {
  constexpr std::size_t room = 16384;
  std::vector<char> buffer(room);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return ::initgroups(found->pw_name, gid) == 0;
  const std::array<gid_t, 1> only = {gid};
  return ::setgroups(only.size(), only.data()) == 0;
}

// Some ways of starting a program have the kernel keep them when the user changes.
bool has_no_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return std::all_of(sets.begin(), sets.end(),
                     [](const auto& set) { return (set.permitted | set.effective) == 0; });
}

}  // namespace

std::uint32_t effective_user() {
  return ::geteuid();
}

bool is_root() {
  return ::geteuid() == 0;
}

Result<void> become(std::uint32_t uid, std::uint32_t gid) {
  if (!take_groups(uid, gid) || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0)
    return refused(uid, errno);
  uid_t real = 0, effective = 0, saved = 0;
  gid_t real_group = 0, effective_group = 0, saved_group = 0;
  if (::getresuid(&real, &effective, &saved) != 0 ||
      ::getresgid(&real_group, &effective_group, &saved_group) != 0)
    return refused(uid, errno);
  const bool is_user = real == uid && effective == uid && saved == uid;
  const bool is_group = real_group == gid && effective_group == gid && saved_group == gid;
  const bool cannot_regain_root = uid == 0 || (::setuid(0) != 0 && ::seteuid(0) != 0);
  const bool is_bare = uid == 0 || has_no_capabilities();
  if (!is_user || !is_group || !cannot_regain_root || !is_bare) return refused(uid, EPERM);
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return {};
}

}  // namespace hfaudit::os
