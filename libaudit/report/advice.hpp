// What to run next: for a finding, a command that mends it with what is there today. The one place that
// knows; when hfaudit can repair by itself, that command takes its place here.
#pragma once

#include <span>
#include <string>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// A command line for a shell that mends all of `group`, findings of one remedy in one repo and revision;
// empty where there is none, or where somebody has to decide. Names from the cache are quoted: nothing in them is
// ever run.
[[nodiscard]] std::string advice(const Report& report, std::span<const Finding* const> group);

}  // namespace hfaudit::report
