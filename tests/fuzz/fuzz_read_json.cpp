// What can be read is rendered and read again as the same, and merged it is never cleaner than it
// was.
#include "fuzz.hpp"
#include "hfaudit/merge.hpp"
#include "hfaudit/render.hpp"

using namespace hfaudit;

namespace {

std::string rendered(const Report& report, ExitCode code) {
  std::string text;
  render_json(report, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

bool is_clean(const PastReport& past) {
  return past.exit_code && *past.exit_code <= ExitCode::damage && past.report.unreadable.empty();
}

}  // namespace

void fuzz::try_input(std::string_view input) {
  auto past = read_report("f", input);
  if (!past) return;
  if (past->exit_code == ExitCode::ok || past->exit_code == ExitCode::damage) {
    const std::string text = rendered(past->report, *past->exit_code);
    const auto same = read_report("f", text);
    fuzz::require(same && rendered(same->report, *same->exit_code) == text);
  }
  const bool clean = is_clean(*past);
  std::vector<ReportFile> files;
  files.push_back({"f", std::move(past)});
  const Report merged = merge(std::move(files));
  const ExitCode code = exit_code_for(merged);
  fuzz::require(clean || code == ExitCode::incomplete);
  const std::string text = rendered(merged, code);
  auto again = read_report("m", text);
  fuzz::require(again && rendered(again->report, code) == text);
  files.clear();
  files.push_back({"m", std::move(again)});
  fuzz::require(exit_code_for(merge(std::move(files))) == code);
}
