// A squarified treemap (Bruls, Huizing, van Wijk 2000): a rectangle for each size, in one frame, as
// close to squares as they get. Pure.
#pragma once

#include <vector>

namespace hfaudit::report {

struct TreemapBox {
  double x = 0, y = 0, width = 0, height = 0;
};

// `sizes` are positive and fall; the boxes come in the same order and fill the frame.
[[nodiscard]] std::vector<TreemapBox> squarified(const std::vector<double>& sizes,
                                                 TreemapBox frame);

}  // namespace hfaudit::report
