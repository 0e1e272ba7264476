#include "download/file_retry.hpp"

#include <algorithm>
#include <cmath>

namespace hfaudit {
FileRetry::Next FileRetry::note_failure(Time now, Time began, unsigned tries,
                                        std::optional<double> retry_after_s) {
  constexpr unsigned more_when_asked = 8;
  constexpr double first_s = 0.1;
  constexpr unsigned most_doublings = 6;
  if (retry_after_s) not_before_ = std::max(not_before_, after(now, *retry_after_s));
  if (began < failed_) return Next::retry;
  failed_ = now;
  ++failures_;
  if (failures_ >= tries + (retry_after_s ? more_when_asked : 0)) return Next::give_up;
  const auto doublings = static_cast<int>(std::min(2 * (failures_ - 1), most_doublings));
  not_before_ = std::max(not_before_, after(now, std::ldexp(first_s, doublings)));
  return Next::retry;
}

}  // namespace hfaudit
