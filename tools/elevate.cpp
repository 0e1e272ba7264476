#include "elevate.hpp"

#include <vector>

#include "base/format.hpp"
#include "messages.hpp"
#include "os/program.hpp"
#include "status_line.hpp"

namespace hfaudit::cli {

ExitCode repair_as_root(const std::string& program, const Layout& layout,
                        const RepairRequest& request, const std::stop_token& stop) {
  RepairRequest inspect = request;
  inspect.dry_run = true;
  inspect.verify = false;
  inspect.only = {RepairGroup::ownership};
  const auto report = hfaudit::repair(layout, inspect, {}, stop);
  if (!report) {
    print_error(report.error());
    return exit_code_for(report.error());
  }
  if (report->repair->rest.empty()) return ExitCode::ok;
  std::vector<std::string> words = {program, os::own_program()};
  words.insert(words.end(), report->repair->rest.begin(), report->repair->rest.end());
  words.emplace_back("--quiet");
  end_status();  // sudo asks for a password there
  const auto code = os::run_and_wait(words);
  if (!code) {
    print_error(code.error());
    return ExitCode::incomplete;
  }
  // The remaining damage is for the repair that follows, which reports it.
  if (*code <= to_int(ExitCode::damage)) return ExitCode::ok;
  print_error(formatted("{} ended with {}: what needs root is not done", program, *code));
  return ExitCode::incomplete;
}

}  // namespace hfaudit::cli
