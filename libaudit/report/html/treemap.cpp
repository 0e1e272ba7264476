#include "report/html/treemap.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace hfaudit::report {
namespace {

// How far the worst of a row is from a square. The row has the area `sum`, its largest and smallest
// box `most` and `least`, and lies along a side of the length `side`.
double worst_ratio(double sum, double most, double least, double side) {
  const double square = side * side;
  return std::max(square * most / (sum * sum), sum * sum / (square * least));
}

// Lays boxes of the areas [begin, end) along the shorter side of `frame`, and takes them off it.
void lay_row(const std::vector<double>& areas, std::size_t begin, std::size_t end,
             TreemapBox& frame, std::vector<TreemapBox>& boxes) {
  const auto from = areas.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto to = areas.begin() + static_cast<std::ptrdiff_t>(end);
  const double sum = std::accumulate(from, to, 0.0);
  const bool upright = frame.width >= frame.height;  // a column at the left, else a row at the top
  const double side = upright ? frame.height : frame.width;
  if (side <= 0 || sum <= 0) {
    boxes.insert(boxes.end(), end - begin, TreemapBox{frame.x, frame.y, 0, 0});
    return;
  }
  const double depth = std::min(sum / side, upright ? frame.width : frame.height);
  double at = 0;
  for (auto area = from; area != to; ++area) {
    const double length = side * *area / sum;
    boxes.push_back(upright ? TreemapBox{frame.x, frame.y + at, depth, length}
                            : TreemapBox{frame.x + at, frame.y, length, depth});
    at += length;
  }
  if (upright) {
    frame.x += depth;
    frame.width -= depth;
  } else {
    frame.y += depth;
    frame.height -= depth;
  }
}

}  // namespace

std::vector<TreemapBox> squarified(const std::vector<double>& sizes, TreemapBox frame) {
  std::vector<TreemapBox> boxes;
  const double total = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  if (total <= 0) return std::vector<TreemapBox>(sizes.size());
  const double scale = frame.width * frame.height / total;
  std::vector<double> areas;
  for (const double size : sizes)
    areas.push_back(size * scale);
  for (std::size_t begin = 0; begin < areas.size();) {
    const double side = std::min(frame.width, frame.height);
    double sum = areas[begin];
    std::size_t end = begin + 1;
    double ratio = worst_ratio(sum, areas[begin], areas[begin], side);
    while (end < areas.size()) {
      const double next = worst_ratio(sum + areas[end], areas[begin], areas[end], side);
      if (!(next <= ratio)) break;
      ratio = next;
      sum += areas[end++];
    }
    lay_row(areas, begin, end, frame, boxes);
    begin = end;
  }
  return boxes;
}

}  // namespace hfaudit::report
