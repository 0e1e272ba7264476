// Errors of the system, as Error values.
#pragma once

#include <cerrno>
#include <string_view>
#include <system_error>

#include "hfaudit/result.hpp"

namespace hfaudit::os {

// `code` is an errno; by default that of the call that has just failed.
[[nodiscard]] inline tl::unexpected<Error> failed(std::string_view operation,
                                                  std::string_view subject, int code = errno) {
  return failure(operation, subject, std::generic_category().message(code), code);
}

// Of a call that returns 0 where it succeeds.
[[nodiscard]] inline Result<void> outcome(int result, std::string_view operation,
                                          std::string_view subject) {
  if (result != 0) return failed(operation, subject);
  return {};
}

}  // namespace hfaudit::os
