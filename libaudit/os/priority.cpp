#include "os/priority.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hfaudit::os {

void yield_to_others() {
  constexpr int least_nice = 19;
  (void)::setpriority(PRIO_PROCESS, 0, least_nice);
  // of linux/ioprio.h, which is invalid in C++
  constexpr int of_a_process = 1, idle_class = 3, class_shift = 13;
  (void)::syscall(SYS_ioprio_set, of_a_process, 0, idle_class * (1 << class_shift));
}

}  // namespace hfaudit::os
