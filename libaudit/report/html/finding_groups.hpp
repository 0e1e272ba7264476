// Findings that a page shows in one line: those of one id, severity, repo, revision and node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

struct FindingGroup {
  const Finding* first = nullptr;
  std::size_t count = 0;
  std::uint64_t bytes = 0;
};

// Of findings of at least `least` and at most `most`, in the order of the report.
[[nodiscard]] std::vector<FindingGroup> html_groups_of(const Report& report, Severity least,
                                                       Severity most);

}  // namespace hfaudit::report
