// Where a link leads, by its text alone.
#pragma once

#include <string>
#include <string_view>

namespace hfaudit {

// The target of a link, relative to some root.
struct LinkTarget {
  bool absolute = false;
  unsigned above = 0;  // components above the root
  std::string path;    // below that: "blobs/abc"
};

// The target of a link with this text at `from`, a path relative to the root.
[[nodiscard]] LinkTarget resolve_link(std::string_view from, std::string_view text);

}  // namespace hfaudit
