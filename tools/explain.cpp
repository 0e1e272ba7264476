// hfaudit explain: the catalogue of findings, where no manual page is at hand.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/format.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/finding.hpp"
#include "hints.hpp"

namespace hfaudit::cli {
namespace {

std::string row_of(const FindingInfo& info) {
  return formatted("{:<22}{:<9}{}\n", info.name, to_string(info.severity), info.sentence);
}

int explain(const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  std::string text;
  for (const FindingInfo& info : catalogue()) {
    names.emplace_back(info.name);
    const bool wanted = ids.empty() || std::find(ids.begin(), ids.end(), info.name) != ids.end();
    if (wanted) text += row_of(info);
  }
  for (const std::string& id : ids) {
    if (std::find(names.begin(), names.end(), id) != names.end()) continue;
    complain("unknown finding " + id + did_you_mean(id, names));
    return kUsage;
  }
  return print(text);
}

}  // namespace

Run add_explain(CLI::App& program) {
  auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App& command = *program.add_subcommand("explain", "Say what a finding means");
  command.add_option("ID", *ids, "incomplete-download and the like; all of them without one")->type_name("");
  return [ids] { return explain(*ids); };
}

}  // namespace hfaudit::cli
