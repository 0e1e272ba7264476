#include "elevate.hpp"

#include <vector>

#include "base/format.hpp"
#include "common.hpp"
#include "os/program.hpp"

namespace hfaudit::cli {

int repair_as_root(const std::string& program, const Layout& layout, const RepairRequest& request,
                   const std::stop_token& stop) {
  RepairRequest look = request;
  look.dry_run = true;
  look.verify = false;
  look.only = {RepairGroup::ownership};
  const auto report = hfaudit::repair(layout, look, {}, stop);
  if (!report) {
    complain(report.error());
    return code_of(report.error());
  }
  if (report->repair->rest.empty()) return 0;
  std::vector<std::string> words = {program, os::own_program()};
  words.insert(words.end(), report->repair->rest.begin(), report->repair->rest.end());
  words.emplace_back("--quiet");
  const auto code = os::run_and_wait(words);
  if (!code) {
    complain(code.error());
    return kIncomplete;
  }
  // 1: damage is left that is not its to mend; the repair that follows says so.
  if (*code <= 1) return 0;
  complain(formatted("{} ended with {}: what needs root is not done", program, *code));
  return kIncomplete;
}

}  // namespace hfaudit::cli
