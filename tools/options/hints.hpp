// "Did you mean …?"
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hfaudit::cli {

// The word of `known` that `typed` most likely means; empty where all differ too much.
[[nodiscard]] std::string closest(std::string_view typed, std::span<const std::string> known);

// " (did you mean scan?)", or empty.
[[nodiscard]] std::string did_you_mean(std::string_view typed, std::span<const std::string> known);

// The way to do here what an option of the Hub's own client does; empty for other options.
[[nodiscard]] std::string hint_for_option(std::string_view name);

}  // namespace hfaudit::cli
