#include <algorithm>

#include "base/format.hpp"
#include "base/terminal_text.hpp"
#include "report/progress/widgets.hpp"

namespace hfaudit {
namespace {

constexpr std::string_view erase_line = "\x1b[K", erase_below = "\x1b[J";

}  // namespace

std::string ScreenBlock::to_its_top(unsigned columns) const {
  if (widths_.empty()) return {};
  std::size_t rows = 0;
  for (const std::size_t width : widths_)
    rows += columns == 0 ? 1 : std::max<std::size_t>(1, (width + columns - 1) / columns);
  return rows > 1 ? formatted("\r\x1b[{}A", rows - 1) : "\r";
}

// Over the old text, line by line, and in one piece: the screen stays filled in between.
std::string ScreenBlock::draw(const std::vector<std::string>& lines, unsigned columns) {
  std::string text = to_its_top(columns);
  widths_.clear();
  for (const std::string& line : lines) {
    if (!widths_.empty()) text.append(erase_line).append("\r\n");
    text += line;
    widths_.push_back(columns_of(line));
  }
  return text.append(erase_below);
}

std::string ScreenBlock::wipe(unsigned columns) {
  if (widths_.empty()) return {};
  const std::string text = to_its_top(columns);
  widths_.clear();
  return text + std::string(erase_below);
}

}  // namespace hfaudit
