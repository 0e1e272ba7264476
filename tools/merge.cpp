// hfaudit merge: many reports into one.
#include "hfaudit/merge.hpp"

#include <algorithm>
#include <cerrno>

#include "commands.hpp"
#include "messages.hpp"
#include "report_file.hpp"
#include "reporting.hpp"
#include "since.hpp"

namespace hfaudit::cli {
namespace {

// A usage error where it holds for all files; beside others, the report of a part that has yet to
// run.
bool is_absent(const ReportFile& file) {
  const int code = file.content ? 0 : file.content.error().code;
  return code == ENOENT || code == ENOTDIR || code == EISDIR;
}

}  // namespace

ExitCode run_merge(const Arguments& arguments) {
  const ReportOptions options = report_options_of(arguments);
  if (auto sound = check_report_options(arguments); !sound)
    return fail(sound.error(), ExitCode::usage, options);
  const auto names = arguments.get<"REPORT">();
  const auto from_input =
      std::count(names.begin(), names.end(), "-") + (arguments.get<"--since">() == "-" ? 1 : 0);
  if (from_input > 1)
    return fail("standard input has one report, but - is given twice", ExitCode::usage, options);
  std::vector<ReportFile> files;
  for (const std::string& name : names)
    files.push_back({name, read_report_file(name)});
  if (std::all_of(files.begin(), files.end(), is_absent)) {
    std::string all;
    for (const ReportFile& file : files)
      all += (all.empty() ? "" : "; ") + message_of(file.content.error());
    return fail(all, ExitCode::usage, options);
  }
  Report merged = merge(std::move(files));
  auto comparison = Comparison::of(arguments, merged);
  if (!comparison) return fail(comparison.error(), code_of_comparison(comparison.error()), options);
  return finish_command(std::move(*comparison).compare(std::move(merged), options.fail_on),
                        options);
}

}  // namespace hfaudit::cli
