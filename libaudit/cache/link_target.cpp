#include "cache/link_target.hpp"

#include "base/path.hpp"

namespace hfaudit {

LinkTarget resolve_link(std::string_view from, std::string_view text) {
  LinkTarget target;
  if (text.starts_with('/')) {
    target.absolute = true;
    target.path = text;
    return target;
  }
  target.path = parent_path(from);
  while (!text.empty()) {
    const auto end = std::min(text.find('/'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      if (!target.path.empty()) target.path += '/';
      target.path += part;
    } else if (target.path.empty()) {
      ++target.above;
    } else {
      const auto last = target.path.rfind('/');
      target.path.resize(last == std::string::npos ? 0 : last);
    }
  }
  return target;
}

}  // namespace hfaudit
