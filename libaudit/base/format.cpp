#define FMT_HEADER_ONLY  // before the first of fmt's headers
#include "base/format.hpp"

#include <fmt/format.h>

namespace hfaudit {

std::string format_values(fmt::string_view text, fmt::format_args values) {
  return fmt::vformat(text, values);
}

}  // namespace hfaudit
