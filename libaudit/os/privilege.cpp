#include "os/privilege.hpp"

#include <unistd.h>

namespace hfaudit::os {

bool is_root() {
  return ::geteuid() == 0;
}

Result<void> become(std::uint32_t uid, std::uint32_t gid) {
  (void)uid;
  (void)gid;
  return failure("become", "the cache's user", "not built yet");
}

}  // namespace hfaudit::os
