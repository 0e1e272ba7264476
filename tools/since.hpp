// --since and --only-new: the earlier report, read before the work and compared after it.
#pragma once

#include <optional>

#include "hfaudit/report.hpp"
#include "hfaudit/result.hpp"
#include "hfaudit/since.hpp"
#include "options/arguments.hpp"
#include "reporting.hpp"

namespace hfaudit::cli {

class Comparison {
 public:
  // `asked` names the cache of the coming report. Errors: the earlier file is something else than a
  // report, or of another cache.
  [[nodiscard]] static Result<Comparison> of(const Arguments& arguments, const Report& asked);

  // `report` with its changes, if --since was given.
  [[nodiscard]] Result<Report> compare(Result<Report> report, FailOn fail_on) &&;

 private:
  std::optional<EarlierReport> earlier_;
  bool only_new_ = false;
};

// The exit code where an earlier report cannot be used.
[[nodiscard]] ExitCode code_of_comparison(const Error& error);

}  // namespace hfaudit::cli
