#include "transfer/latency.hpp"

#include <algorithm>
#include <cmath>

namespace hfaudit {
namespace {

constexpr double least_s = 0.2, at_first_s = 2, most_s = 5;
constexpr double most_factor = 16;

}  // namespace

void Latency::note(double seconds) {
  constexpr double mean_weight = 1.0 / 8, deviation_weight = 1.0 / 4;
  if (!known_) {
    mean_ = seconds;
    deviation_ = seconds / 2;
    known_ = true;
    return;
  }
  deviation_ += deviation_weight * (std::abs(seconds - mean_) - deviation_);
  mean_ += mean_weight * (seconds - mean_);
}

void Latency::note_impatience() {
  factor_ = std::min(factor_ * 2, most_factor);
}

void Latency::note_rescue() {
  factor_ = std::max(factor_ / 2, 1.0);
}

double Latency::patience() const {
  if (!known_) return at_first_s;
  constexpr double deviations = 8, slack_s = 0.1;
  return std::clamp((mean_ + deviations * deviation_ + slack_s) * factor_, least_s, most_s);
}

}  // namespace hfaudit
