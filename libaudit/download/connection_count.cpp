#include "download/connection_count.hpp"

#include <algorithm>

namespace hfaudit {

bool ConnectionCount::is_due(Time now, double longest_gap_s) const {
  constexpr double least_s = 0.03, round_trips = 4;
  const double passed = std::chrono::duration<double>(now - measured_).count();
  // Bytes come in bursts: a shorter measurement before a trial could pass for a better rate.
  return passed >= std::max(least_s, round_trips * longest_gap_s);
}

void ConnectionCount::update(Time now, const NetworkLoad& load) {
  const double passed = std::chrono::duration<double>(now - measured_).count();
  const double waiting = std::chrono::duration<double>(waited_).count() / passed;
  const double rate = static_cast<double>(load.received - received_) / passed;
  waited_ = {};
  measured_ = now;
  received_ = load.received;

  constexpr double least_gain = 1.1;
  constexpr std::chrono::milliseconds pause(3000), pause_of_doubt(200);
  if (is_on_trial() && rate < least_gain * rate_before_) {
    count_ = before_trial_;
    // a stall may have cost what the trial gained
    may_grow_ = now + (load.stalled == 0 ? pause : pause_of_doubt);
  }
  before_trial_ = 0;
  constexpr double network_bound = 0.3;
  constexpr std::uint64_t little = std::uint64_t{8} << 20U;
  const bool helps = waiting > network_bound && load.queued < little && load.streams >= count_ &&
                     2 * load.stalled <= load.streams;
  if (!helps || now < may_grow_ || count_ >= most_) return;
  before_trial_ = count_;
  rate_before_ = rate;
  count_ = std::min(most_, 2 * count_);
}

}  // namespace hfaudit
