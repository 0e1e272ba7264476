// The first step of a merge: each report taken apart by cache.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "hfaudit/merge.hpp"
#include "merge/join.hpp"

namespace hfaudit {

// The operation of what a merge itself tells as blind; the next merge tells it anew.
inline constexpr std::string_view kMergeOperation = "merge";

// When the first of several reports was begun, and the last one done, in milliseconds.
struct Span {
  std::int64_t begin = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = std::numeric_limits<std::int64_t>::min();

  void add(const Report& report);
};

struct Gathered {
  std::vector<CacheState> states;
  std::vector<Source> unread;  // files that could not be read, or not to their end
  Span span;

  void add(ReportFile file);

 private:
  void tell_unread(const std::string& file, const std::string& trouble);
};

}  // namespace hfaudit
