// hfaudit merge: reports read, merged, printed, exit code.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <memory>

#include "commands.hpp"
#include "common.hpp"
#include "hfaudit/merge.hpp"
#include "os/input.hpp"

namespace hfaudit::cli {
namespace {

struct MergeOptions {
  std::vector<std::string> files;
  ReportOptions report;
};

ReportFile read(const std::string& name) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30U;  // a thousand times that of a large cache
  const auto text = os::read_file(name, kMost);
  if (!text) return {name, tl::unexpected<Error>(text.error())};
  return {name, read_report(name, *text)};
}

// No such file: a slip where none of them is there; where others are, the report of a part that never ran.
bool is_absent(const ReportFile& file) {
  const int code = file.content ? 0 : file.content.error().code;
  return code == ENOENT || code == ENOTDIR || code == EISDIR;
}

int merge_files(const MergeOptions& options) {
  const bool twice = std::count(options.files.begin(), options.files.end(), "-") > 1;
  if (twice) {
    complain("standard input holds one report, and - is given twice");
    return kUsage;
  }
  std::vector<ReportFile> files;
  for (const std::string& name : options.files)
    files.push_back(read(name));
  if (std::all_of(files.begin(), files.end(), is_absent)) {
    complain(files.front().content.error());
    return kUsage;
  }
  const Report report = merge(std::move(files));
  return deliver(report, options.report, to_int(exit_code_for(report, fail_on_of(options.report))));
}

}  // namespace

Run add_merge(CLI::App& program) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App& command = *program.add_subcommand("merge", "Many reports, of parts or of machines, into one");
  command.add_option("REPORT", options->files, "Written with --format json or ndjson; - is standard input")
      ->type_name("")
      ->required();
  add_report_options(command, options->report);
  return [options] { return merge_files(*options); };
}

}  // namespace hfaudit::cli
