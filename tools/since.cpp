#include "since.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include "messages.hpp"
#include "os/fs.hpp"
#include "report_file.hpp"
#include "signals.hpp"

namespace hfaudit::cli {
namespace {

Error with_hint(Error error) {
  if (error.cause == "it is empty")
    error.cause +=
        "; a shell empties the file of a > before hfaudit reads it: use --output, or remove it";
  return error;
}

}  // namespace

ExitCode code_of_comparison(const Error& error) {
  return error.code == EISDIR ? ExitCode::usage : exit_code_for(error);
}

Result<Comparison> Comparison::of(const Arguments& arguments, const Report& asked) {
  Comparison comparison;
  const auto file = arguments.get<"--since">();
  if (!file) return comparison;
  auto past = read_report_file(*file);
  // The first run lacks an earlier report.
  if (!past && !os::is_absent(past.error())) return tl::unexpected<Error>(with_hint(past.error()));
  comparison.only_new_ = arguments.get<"--only-new">();
  comparison.earlier_.emplace();
  comparison.earlier_->file = *file;
  if (past) comparison.earlier_->past = std::move(*past);
  if (auto same = check_comparable(asked, *comparison.earlier_); !same)
    return tl::unexpected<Error>(same.error());
  return comparison;
}

Result<Report> Comparison::compare(Result<Report> report, FailOn fail_on) && {
  if (!earlier_ || !report) return report;
  const ExitCode code = code_after_signals(hfaudit::exit_code_for(*report, fail_on));
  if (auto compared = compare_with(*report, std::move(*earlier_), code); !compared)
    return tl::unexpected<Error>(compared.error());
  report->since->only_new = only_new_;
  return report;
}

}  // namespace hfaudit::cli
