#include "base/path.hpp"

#include <boost/filesystem/path.hpp>

namespace hfaudit {

std::string relative_path(std::string_view folder, std::string_view target) {
  using boost::filesystem::path;
  // Older versions of Boost give an empty path where two paths have no component in common.
  const path root("/");
  const path from = root / path(folder.begin(), folder.end());
  return (root / path(target.begin(), target.end())).lexically_relative(from).native();
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace hfaudit
