// Structures as short texts, so that a table of them reads well.
#pragma once

#include <string>

#include "formats/examine.hpp"
#include "reading.hpp"

namespace hfaudit::test {

// "truncated, 120: ends within its tensors": state, expected size where there is one, detail where
// there is one.
[[nodiscard]] inline std::string describe(const Result<Structure>& result) {
  if (!result) return "error " + std::to_string(result.error().code);
  static constexpr const char* names[] = {"sound",       "truncated",       "oversized",
                                          "lfs_pointer", "not_the_content", "cannot_tell"};
  std::string text = names[static_cast<int>(result->state)];
  if (result->expected_size) text += ", " + std::to_string(*result->expected_size);
  if (!result->detail.empty()) text += ": " + result->detail;
  return text;
}

[[nodiscard]] inline std::string examined(FileFormat format, const std::string& bytes) {
  auto source = memory(bytes);
  return describe(examine(format, source));
}

}  // namespace hfaudit::test
