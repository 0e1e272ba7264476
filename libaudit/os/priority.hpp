// How much this process asks of a machine that others use.
#pragma once

namespace hfaudit::os {

// From then on it gets the processor and the disks only while they are idle: the lowest nice value
// and the idle class of I/O. Of this thread and those that it starts. Where the system refuses, the
// priority stays as it is.
void yield_to_others();

}  // namespace hfaudit::os
