#include "os/secrets.hpp"

#include <sys/resource.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>

namespace hfaudit::os {
namespace {

constexpr const char* key_log = "SSLKEYLOGFILE";

struct Given {
  std::mutex mutex;
  std::optional<rlim_t> core;
  std::optional<std::string> key_log_file;
};

Given& given() {
  static Given values;
  return values;
}

}  // namespace

void forbid_core_dumps() {
  // The kernel pipes a core to a program regardless of the limit, except for 1; a file of one byte
  // is harmless.
  constexpr rlim_t none = 1;
  rlimit limit{};
  auto& values = given();
  const std::scoped_lock lock(values.mutex);
  if (values.core || ::getrlimit(RLIMIT_CORE, &limit) != 0) return;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max < none ? limit.rlim_max : none;
  if (::setrlimit(RLIMIT_CORE, &limit) == 0) values.core = before;
}

void ignore_key_log() {
  const char* file = std::getenv(key_log);
  if (file == nullptr) return;
  given().key_log_file = file;
  ::unsetenv(key_log);
}

void restore_for_program() {
  auto& values = given();
  const std::scoped_lock lock(values.mutex);
  rlimit limit{};
  if (values.core && ::getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = *values.core;
    (void)::setrlimit(RLIMIT_CORE, &limit);
  }
  if (values.key_log_file) ::setenv(key_log, values.key_log_file->c_str(), 1);
}

}  // namespace hfaudit::os
