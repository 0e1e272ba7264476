// The options of a preflight, from the command line and, where that says nothing, from the environment:
// HFAUDIT_CHECK for
// --check, and so on, for images whose arguments cannot change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common.hpp"
#include "hfaudit/preflight.hpp"
#include "pull_options.hpp"

namespace hfaudit::cli {

struct PreflightOptions {
  WhatOptions what;
  ReportOptions report;
  PaceOptions pace;
  std::vector<std::string> require;
  std::string check, wait;  // empty: not given
  bool strict = false, repair = false, online = false, print_path = false;
};
void add_preflight_options(CLI::App& command, PreflightOptions& options);

// Fills in what the command line left open. Errors: usage; they name the variable.
[[nodiscard]] Result<void> take_environment(PreflightOptions& options);
// Errors: usage.
[[nodiscard]] Result<PreflightRequest> request_of(const PreflightOptions& options);

}  // namespace hfaudit::cli
