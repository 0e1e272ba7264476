// hfaudit merge: many reports into one.
#include "hfaudit/merge.hpp"

#include <algorithm>
#include <cerrno>

#include "commands.hpp"
#include "messages.hpp"
#include "os/input.hpp"
#include "reporting.hpp"

namespace hfaudit::cli {
namespace {

ReportFile read(const std::string& name) {
  // a thousand times that of a large cache
  constexpr std::uint64_t most_report_bytes = std::uint64_t{1} << 30U;
  const auto text = os::read_file(name, most_report_bytes);
  if (!text) return {name, tl::unexpected<Error>(text.error())};
  return {name, read_report(name, *text)};
}

// A usage error where it holds for all files; beside others, the report of a part that never ran.
bool is_absent(const ReportFile& file) {
  const int code = file.content ? 0 : file.content.error().code;
  return code == ENOENT || code == ENOTDIR || code == EISDIR;
}

}  // namespace

ExitCode run_merge(const Arguments& arguments) {
  const auto names = arguments.get<"REPORT">();
  if (std::count(names.begin(), names.end(), "-") > 1)
    return usage_error("standard input holds one report, and - is given twice");
  std::vector<ReportFile> files;
  for (const std::string& name : names)
    files.push_back(read(name));
  if (std::all_of(files.begin(), files.end(), is_absent))
    return usage_error(files.front().content.error());
  return finish_command(merge(std::move(files)), report_options_of(arguments));
}

}  // namespace hfaudit::cli
