// File name patterns as Python's fnmatch and the Hub's clients read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hfaudit {

// Python's fnmatch: `*`, `?`, `[seq]`, `[!seq]`; the whole text must match.
[[nodiscard]] bool fnmatch(std::string_view pattern, std::string_view text);

// The pattern that matches `text` alone.
[[nodiscard]] std::string fnmatch_quote(std::string_view text);

// `--include` and `--exclude` with the meaning that `hf download` gives them: fnmatch patterns in
// which `*` crosses slashes, and a pattern that ends with a slash stands for all below it.
struct PathFilter {
  std::vector<std::string> include, exclude;

  [[nodiscard]] bool empty() const { return include.empty() && exclude.empty(); }
  [[nodiscard]] bool accepts(std::string_view path) const;
};

}  // namespace hfaudit
