// How long a server is usually silent before the next bytes come, and so how much silence is too much. Pure.
#pragma once

namespace hfaudit {

class Latency {
 public:
  // Bytes came after so long a silence.
  void note(double seconds);
  // A second request was made, and the first one answered before it after all: that was impatient.
  void note_impatience();
  // The second one was first.
  void note_rescue();

  // Seconds of silence after which another request is worth its cost.
  [[nodiscard]] double patience() const;

 private:
  bool known_ = false;
  double mean_ = 0, deviation_ = 0;  // as TCP estimates its round trips
  double factor_ = 1;
};

}  // namespace hfaudit
