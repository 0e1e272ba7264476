// Detects stalled ranges and decides on hedges. Pure: measurements are parameters.
//
// A stalled range gets a hedge, a second request on a fresh connection. If that stalls too, two
// other hedges replace it, as one of them is likely to be faster. The first request that delivers
// the bytes wins. The oldest request stays, and each hedge doubles the threshold, so that a server
// that is slow to begin still delivers in the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hfaudit {

// One range, with all requests that run for it.
struct RangeActivity {
  double silent_s = 0;       // of the request that received bytes last
  double no_progress_s = 0;  // since the last new byte
  unsigned hedges = 0;       // since the last new byte
  bool paused = false;       // a request waits for the disk or the rate limit
  bool whole_only = false;   // the server ignores ranges: a hedge begins at zero
};

enum class StallAction : std::uint8_t { wait, hedge, abandon };

struct HedgePlan {
  std::size_t cancelled = 0;  // hedges that end, the oldest first
  unsigned opened = 0;
};

class StallDetector {
 public:
  // Bytes came after such a gap: the first ones of an answer, or the next ones.
  void note(double gap_s);

  // Seconds without bytes after which another request is worth its cost.
  [[nodiscard]] double threshold() const;
  [[nodiscard]] double longest() const { return longest_; }

  // `idle_timeout_s`: after that long without a new byte all requests for the range are abandoned.
  [[nodiscard]] StallAction action_for(const RangeActivity& range, double idle_timeout_s) const;

  // `hedges`: before this one. `streams`: requests that run for the range.
  [[nodiscard]] static HedgePlan plan_hedge(unsigned hedges, std::size_t streams, bool whole_only);

 private:
  bool known_ = false;
  double longest_ = 0;  // decays, so that the past counts ever less
};

}  // namespace hfaudit
