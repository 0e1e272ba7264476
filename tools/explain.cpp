// hfaudit explain: the catalogue of findings, where the manual page is missing.
#include <algorithm>

#include "base/format.hpp"
#include "commands.hpp"
#include "hfaudit/finding.hpp"
#include "messages.hpp"
#include "options/hints.hpp"

namespace hfaudit::cli {
namespace {

std::string finding_line(const FindingInfo& info) {
  return formatted("{:<22}{:<9}{}\n", info.name, to_string(info.severity), info.sentence);
}

}  // namespace

ExitCode run_explain(const Arguments& arguments) {
  const auto ids = arguments.get<"ID">();
  std::vector<std::string> names;
  std::string text;
  for (const FindingInfo& info : catalogue()) {
    names.emplace_back(info.name);
    const bool wanted = ids.empty() || std::find(ids.begin(), ids.end(), info.name) != ids.end();
    if (wanted) text += finding_line(info);
  }
  for (const std::string& id : ids) {
    if (std::find(names.begin(), names.end(), id) == names.end())
      return usage_error("unknown finding " + id + did_you_mean(id, names));
  }
  return print(text);
}

}  // namespace hfaudit::cli
