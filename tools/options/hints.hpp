// "Did you mean …?"
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hfaudit::cli {

// The one of `known` that `typed` is most likely a slip of; empty where none is close.
[[nodiscard]] std::string closest(std::string_view typed, std::span<const std::string> known);

// " (did you mean scan?)", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view typed, std::span<const std::string> known);

}  // namespace hfaudit::cli
