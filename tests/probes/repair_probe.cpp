// hfaudit-repair-probe DIE_AT: repairs the cache that the environment names, with all that a repair
// can do, and kills itself right after the action of that number (from 1; 0: never), as a power cut
// would. Prints how many there were.
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "hfaudit/repair.hpp"

using namespace hfaudit;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto die_at = std::strtoul(argv[1], nullptr, 10);
  RepairRequest request;
  request.verify = true;
  using enum RepairGroup;
  request.only = {ownership, locks, partials, entries, refs, content, orphans};
  request.idle_locks = true;
  request.download.waits_s = {0.05};
  request.download.max_attempts = 3;
  request.download.idle_timeout_s = 20;
  unsigned long acted = 0;
  RepairEvents events;
  events.acted = [&](const PlannedAction&, const ActionResult&) {
    if (++acted == die_at) std::raise(SIGKILL);
  };
  const auto report = repair(find_layout(system_environment(), {}), request, events);
  if (!report) {
    std::cerr << report.error().operation << " " << report.error().subject << ": "
              << report.error().cause << "\n";
    return 3;
  }
  std::cout << acted << "\n";
  return 0;
}
