// The location of the damage of a finding, for the planner and for the advice. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/finding.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

// Empty where the finding lacks such a detail, or has it with another type.
[[nodiscard]] std::string text_detail(const Finding& finding, std::string_view key);
[[nodiscard]] std::optional<std::uint64_t> number_detail(const Finding& finding,
                                                         std::string_view key);

// Whether a repair would free Finding::bytes by removing an unused file.
[[nodiscard]] bool is_reclaimable(const Finding& finding);

// Finding::path as an absolute path, where the report knows the home.
[[nodiscard]] std::string on_disk(const Report& report, const std::string& path);

// The folder of --local-dir that the report is about; empty where it is about a cache.
[[nodiscard]] std::string local_dir_of(const Report& report);

// The place that an option named ("--local-dir"), or null.
[[nodiscard]] const ScannedLocation* location_named_by_option(const Report& report,
                                                              std::string_view option);

// The name in its repo of the file that the finding is about; else empty.
[[nodiscard]] std::string file_of(const Report& report, const Finding& finding);

}  // namespace hfaudit
