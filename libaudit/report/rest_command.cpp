#include "report/rest_command.hpp"

#include "base/shell.hpp"

namespace hfaudit::report {

std::string rest_command(const RepairLog& log) {
  if (log.rest.empty()) return {};
  std::string command = "sudo hfaudit";
  for (const auto& word : log.rest)
    command += " " + shell_quote(word);
  return command;
}

}  // namespace hfaudit::report
