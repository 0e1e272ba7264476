// How long a server is usually silent before the next bytes come, and so how much silence is too much. Pure.
#pragma once

namespace hfaudit {

class StallDetector {
 public:
  // Bytes came after so long a silence: the first ones of an answer, or the next ones.
  void note(double seconds);

  // Seconds of silence after which another request is worth its cost.
  [[nodiscard]] double threshold() const;
  [[nodiscard]] double longest() const { return longest_; }

 private:
  bool known_ = false;
  double longest_ = 0;  // of late; what was long ago counts ever less
};

}  // namespace hfaudit
