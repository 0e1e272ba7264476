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

// The way to do here what an option of another program does, such as the Hub's own client; empty
// for other options.
[[nodiscard]] std::string hint_for_option(std::string_view name);

// The same for a command of other programs: "hfaudit pull", of download.
[[nodiscard]] std::string hint_for_command(std::string_view name);

}  // namespace hfaudit::cli
