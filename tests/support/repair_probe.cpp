// A repair that is killed after its n-th action: for tests/cli/test_repair_killed.py.
//
//   hfaudit-repair-probe N [REPO...]
//
// Works on the cache that the environment names, as `hfaudit repair --verify --idle-locks REPO...`. Ends by SIGKILL
// right after the n-th action (a download counts as one); with 0 where the plan has fewer.
#include <csignal>
#include <cstdlib>

#include "hfaudit/repair.hpp"

int main(int argc, char** argv) {
  using namespace hfaudit;
  if (argc < 2) return 2;
  int left = std::atoi(argv[1]);
  RepairRequest request;
  request.verify = true;
  request.idle_locks = true;
  request.pull.max_attempts = 2;
  request.pull.waits_s = {0.05};
  for (int i = 2; i < argc; ++i) {
    const auto repo = parse_repo_request(argv[i]);
    if (!repo) return 2;
    request.what.repos.push_back(*repo);
  }
  RepairEvents events;
  events.acted = [&left](const PlannedAction&, const ActionResult&) {
    if (--left == 0) std::raise(SIGKILL);
  };
  const auto layout = find_layout(system_environment(), {});
  const auto report = repair(layout, request, events);
  return report ? 0 : 3;
}
