#include "download/stall_detector.hpp"

#include <algorithm>

namespace hfaudit {

void StallDetector::note(double seconds) {
  constexpr double memory = 0.99;
  longest_ = std::max(seconds, longest_ * memory);
  known_ = true;
}

double StallDetector::threshold() const {
  constexpr double least_s = 0.15, at_first_s = 2, most_s = 5;
  if (!known_) return at_first_s;
  return std::clamp(2 * longest_ + least_s / 2, least_s, most_s);
}

}  // namespace hfaudit
