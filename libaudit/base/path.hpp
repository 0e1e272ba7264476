// Lexical work on paths. Names are bytes, without decoding or normalization. Pure, without I/O.
//
// The first three are called for every file of a cache, so they allocate nothing. They return what
// os.path.basename() and dirname() do for paths without double and trailing slashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hfaudit {

// The part after the last '/'.
[[nodiscard]] constexpr std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// The part before it: "/" for "/a", "" for "a".
[[nodiscard]] constexpr std::string_view parent_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return path.substr(0, slash == 0 ? 1 : slash);
}

// As parent_path(), to be opened: "." for "a".
[[nodiscard]] constexpr std::string_view folder_to_open(std::string_view path) {
  const auto parent = parent_path(path);
  return parent.empty() ? "." : parent;
}

// The text of a link in `folder` that leads to `target`: "../../blobs/x" from "snapshots/c" to
// "blobs/x". Both are relative to one root, without ".." and ".".
[[nodiscard]] std::string relative_path(std::string_view folder, std::string_view target);

// The texts between slashes, empty ones included: of "/a//b" "", "a", "", "b".
[[nodiscard]] std::vector<std::string_view> components(std::string_view path);

}  // namespace hfaudit
