// When to ask again, and after how long. Pure: the clock and the random number are passed in.
#pragma once

#include <cstdint>
#include <optional>

#include "http/messages.hpp"

namespace hfaudit {

struct RetryLimits {
  unsigned attempts = 4;      // in all
  double first_wait_s = 0.5;  // doubled from one attempt to the next
  double longest_wait_s = 8;  // of those; the wait that the server requests may be longer
  // for one question, the waiting included; 0: unlimited
  double total_s = 60;
};

// Answers that another attempt may better: 408, 429, 500, 502, 503, 504.
[[nodiscard]] bool is_transient_status(int status);

// Answers that name another place: 301, 302, 303, 307, 308.
[[nodiscard]] bool is_redirect_status(int status);

// The seconds that an answer asks to wait: `Retry-After` as a number or as an HTTP date, or
// `RateLimit: "api";r=0;t=N`. `now` in seconds since the epoch.
[[nodiscard]] std::optional<double> asked_wait(const http::Headers& headers, std::int64_t now);

// Seconds to wait before attempt number `attempt + 1`, where number `attempt` (1 for the first)
// failed `elapsed_s` after the first began. nullopt: give up. `random` in [0, 1) spreads clients
// that failed together.
[[nodiscard]] std::optional<double> wait_before_retry(const RetryLimits& limits, unsigned attempt,
                                                      double elapsed_s,
                                                      std::optional<double> retry_after_s,
                                                      double random);

}  // namespace hfaudit
