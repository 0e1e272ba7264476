#include "os/limits.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace hfaudit::os {

std::size_t open_file_limit() {
  constexpr rlim_t plenty = 1U << 20U, usual = 1024;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return usual;
  return static_cast<std::size_t>(std::min(limit.rlim_cur, plenty));  // infinity is a large number
}

}  // namespace hfaudit::os
