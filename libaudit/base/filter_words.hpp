// Patterns in messages.
#pragma once

#include <string>

#include "base/fnmatch.hpp"

namespace hfaudit {

// "--include *.gguf --exclude x/": as they were given, unescaped.
[[nodiscard]] inline std::string filter_options(const PathFilter& filter) {
  std::string words;
  const auto add = [&](const std::string& option, const std::string& pattern) {
    words += (words.empty() ? "" : " ") + option + " " + pattern;
  };
  for (const auto& pattern : filter.include)
    add("--include", pattern);
  for (const auto& pattern : filter.exclude)
    add("--exclude", pattern);
  return words;
}

}  // namespace hfaudit
