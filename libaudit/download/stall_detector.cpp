#include "download/stall_detector.hpp"

#include <algorithm>
#include <cmath>

namespace hfaudit {

void StallDetector::note(double gap_s) {
  constexpr double memory = 0.99;
  longest_ = std::max(gap_s, longest_ * memory);
  known_ = true;
}

double StallDetector::threshold() const {
  constexpr double least_s = 0.15, at_first_s = 2, most_s = 5;
  if (!known_) return at_first_s;
  return std::clamp(2 * longest_ + least_s / 2, least_s, most_s);
}

StallAction StallDetector::action_for(const RangeActivity& range, double idle_timeout_s) const {
  constexpr double least_of_whole_s = 10;  // a hedge may have to catch up with most of the file
  constexpr unsigned most_doublings = 16;
  if (range.no_progress_s > idle_timeout_s) return StallAction::abandon;
  const auto base = range.whole_only ? std::max(threshold(), least_of_whole_s) : threshold();
  const auto enough = std::ldexp(base, static_cast<int>(std::min(range.hedges, most_doublings)));
  return !range.paused && range.silent_s >= enough ? StallAction::hedge : StallAction::wait;
}

HedgePlan StallDetector::plan_hedge(unsigned hedges, std::size_t streams, bool whole_only) {
  constexpr std::size_t most_streams = 3;
  const unsigned opened = hedges == 0 || whole_only ? 1 : 2;
  const auto streams_after = streams + opened;
  return {streams_after > most_streams ? streams_after - most_streams : 0, opened};
}

}  // namespace hfaudit
