// What to run next: for a finding, a command that mends it with the tools that are there today. The one place that
// knows; when hfaudit can pull and repair by itself, its own commands take their place here.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// What kind of thing mends a finding.
enum class Remedy : std::uint8_t {
  none,
  download,
  replace,
  remove,
  remove_tree,
  prune,
  chown,
  chmod,
  hide,
  look_at_process,
  look_at_space
};
[[nodiscard]] Remedy remedy_of(FindingId id);

// A command line for a POSIX shell that mends all of `group`, findings of one remedy in one repo and revision;
// empty where there is none, or where somebody has to decide. Names from the cache are quoted: nothing in them is
// ever run.
[[nodiscard]] std::string advice(const Report& report, std::span<const Finding* const> group);

}  // namespace hfaudit::report
