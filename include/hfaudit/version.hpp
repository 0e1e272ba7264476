// The version of the library, "0.1.0".
#pragma once

#include <string_view>

namespace hfaudit {

[[nodiscard]] std::string_view version();

}  // namespace hfaudit
