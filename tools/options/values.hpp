// The text of an option's value, checked and read. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "options/option.hpp"

namespace hfaudit::cli {

using Milliseconds = std::chrono::milliseconds;
using Value =
    std::variant<bool, std::uint64_t, Milliseconds, std::string, std::vector<std::string>>;

// Checks beyond the kind of an option: why the text is invalid, or empty.
[[nodiscard]] std::string why_empty(std::string_view text);
[[nodiscard]] std::string why_no_age(std::string_view text);           // --max-age
[[nodiscard]] std::string why_no_subset(std::string_view text);        // --subset
[[nodiscard]] std::string why_no_repo_type(std::string_view text);     // --repo-type
[[nodiscard]] std::string why_no_repair_group(std::string_view text);  // --only, --skip
[[nodiscard]] std::string why_no_waits(std::string_view text);         // --waits
[[nodiscard]] std::string why_no_metrics_file(std::string_view text);  // --metrics

// Of one value instead of a list. Errors: why it is invalid, without the name of the option.
[[nodiscard]] tl::expected<Value, std::string> parse_value(const Option& option,
                                                           const std::string& text);

// 1, true, yes, on; 0, false, no, off; in any case. Errors: as above.
[[nodiscard]] tl::expected<Value, std::string> parse_boolean(std::string_view text);

// "10,30.5,60": seconds up to a day; nullopt for anything else.
[[nodiscard]] std::optional<std::vector<double>> parse_seconds_list(std::string_view text);

}  // namespace hfaudit::cli
