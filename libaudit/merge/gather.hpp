// The first step of a merge: each report taken apart by cache.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "hfaudit/merge.hpp"
#include "merge/cache_state.hpp"

namespace hfaudit {

// When the first of several reports was begun, and the last one done, in milliseconds.
struct Span {
  std::int64_t begin = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = std::numeric_limits<std::int64_t>::min();

  void add(const Report& report);
};

struct Gathered {
  std::vector<CacheState> states;
  std::vector<Source> unread;  // files that are unreadable, or only in part readable
  Span span;

  void add(ReportFile file);

 private:
  void add_unread(const std::string& file, const std::string& failure);
};

}  // namespace hfaudit
