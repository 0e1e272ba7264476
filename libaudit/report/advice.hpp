// The next command: for a finding, the one that repairs it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hfaudit/report.hpp"

namespace hfaudit::report {

// Of one report, which outlives the Adviser and stays unchanged meanwhile.
class Adviser {
 public:
  explicit Adviser(const Report& report);

  // A command line for a shell that repairs the finding, and all other findings that `hfaudit
  // repair` can repair in the same repo: so it is the same for all of those. Empty if a repair is
  // impossible, or if the user has to decide. Names from the cache are quoted, so the shell never
  // runs them. `argument`: the repo as the command line names it; empty: as the report's command
  // was asked.
  [[nodiscard]] std::string command(const Finding& finding, const std::string& argument = {}) const;

  // `hfaudit NAME` for a repo, in the location that was audited; a repair reads as much as the
  // audit has. `argument` as the command line takes it, unquoted.
  [[nodiscard]] std::string command_for(std::string_view name, const std::string& argument) const;

  // Instead of a command, the missing input for one: the repo of a folder. Else empty.
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
