// The commands, a file each. Each makes its request of the arguments, runs it and returns the exit
// code.
#pragma once

#include "hfaudit/exit_code.hpp"
#include "options/arguments.hpp"

namespace hfaudit::cli {

[[nodiscard]] ExitCode run_scan(const Arguments& arguments);
[[nodiscard]] ExitCode run_verify(const Arguments& arguments);
[[nodiscard]] ExitCode run_scrub(const Arguments& arguments);
[[nodiscard]] ExitCode run_repair(const Arguments& arguments);
[[nodiscard]] ExitCode run_pull(const Arguments& arguments);
[[nodiscard]] ExitCode run_watch(const Arguments& arguments);
[[nodiscard]] ExitCode run_merge(const Arguments& arguments);
[[nodiscard]] ExitCode run_preflight(const Arguments& arguments);
[[nodiscard]] ExitCode run_lock(const Arguments& arguments);
[[nodiscard]] ExitCode run_export(const Arguments& arguments);
[[nodiscard]] ExitCode run_explain(const Arguments& arguments);
[[nodiscard]] ExitCode run_completion(const Arguments& arguments);

}  // namespace hfaudit::cli
