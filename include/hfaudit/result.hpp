// The result of a function that can fail.
//
// Damage in a cache is data, a Finding. An Error is a failure of hfaudit itself, as operation,
// subject and cause; it is rendered once, in tools/.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace hfaudit {

struct Error {
  std::string operation;  // the failed operation: "open", "read", "parse"
  std::string subject;    // its target: a path, an option; raw bytes, unsafe for a terminal
  std::string cause;      // the reason: "Permission denied"
  int code = 0;           // errno, or 0 for other causes
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string_view operation,
                                                   std::string_view subject, std::string_view cause,
                                                   int code = 0) {
  return tl::unexpected<Error>(
      Error{std::string(operation), std::string(subject), std::string(cause), code});
}

}  // namespace hfaudit
