// What to run next: for a finding, the command that mends it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// Of one report, which outlives it and does not change meanwhile.
class Adviser {
 public:
  explicit Adviser(const Report& report);

  // A command line for a shell that mends the finding, and whatever else `hfaudit repair` can mend in
  // the same repo: so it is the same for all of those. Empty where there is none, or where somebody
  // has to decide. Names from the cache are quoted: nothing in them is ever run.
  // `argument`: the repo as the command line names it; empty: as the report's command was asked.
  [[nodiscard]] std::string command(const Finding& finding, const std::string& argument = {}) const;

  // `hfaudit NAME` for a repo, in the location that was audited; a repair reads as much as the audit
  // has. `argument` as the command line takes it, not yet quoted.
  [[nodiscard]] std::string command_for(std::string_view name, const std::string& argument) const;

  // In place of a command, what has to be known for one: which repo a folder is of. Else empty.
  [[nodiscard]] std::string words(const Finding& finding) const;

 private:
  [[nodiscard]] std::string repair(const Finding& finding, std::string_view only,
                                   const std::string& argument) const;
  [[nodiscard]] std::string pull(const Finding& finding, const std::string& argument) const;
  [[nodiscard]] std::string pull_other(const Finding& finding) const;
  [[nodiscard]] std::optional<std::string> pull_again(const Finding& finding) const;

  const Report& report_;
  bool used_hub_;  // to judge a finding
};

}  // namespace hfaudit::report
