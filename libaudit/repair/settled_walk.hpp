// A walk that changes only files that were untouched since it began (os::SecureDirectory::chown()
// and share()), and once more for those that were touched at that moment.
//
// A file system that keeps whole seconds cannot tell an earlier change from a later one in the same
// second: such a file is refused with EAGAIN. The second walk begins a second later, where it can.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <thread>

#include "hfaudit/result.hpp"
#include "os/secure_directory.hpp"

namespace hfaudit {

class SettledWalk {
 public:
  // `walk` visits all entries; `stopped` is asked before the second time.
  template <class Walk, class Stopped>
  void run(const Walk& walk, const Stopped& stopped) {
    since_ns_ = os::secure_clock_now();
    walk();
    if (!any_too_young_ || stopped()) return;
    std::this_thread::sleep_for(std::chrono::seconds(1));
    is_last_ = true;
    since_ns_ = os::secure_clock_now();
    walk();
  }

  // When the present walk began.
  [[nodiscard]] std::int64_t since_ns() const { return since_ns_; }

  // Whether the second walk tries this file again; if so, the error counts only there.
  [[nodiscard]] bool tries_again(const Error& error) {
    const bool again = error.code == EAGAIN && !is_last_;
    any_too_young_ = any_too_young_ || again;
    return again;
  }

 private:
  std::int64_t since_ns_ = 0;
  bool any_too_young_ = false;
  bool is_last_ = false;
};

}  // namespace hfaudit
