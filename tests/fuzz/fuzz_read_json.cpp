// What can be read is rendered and read again as the same, merged it is never cleaner than it was,
// and compared with itself it has nothing new.
#include "fuzz.hpp"
#include "hfaudit/merge.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/since.hpp"

using namespace hfaudit;

namespace {

std::string rendered(const Report& report, ExitCode code) {
  std::string text;
  render_json(report, code, [&text](std::string_view piece) { text += piece; });
  return text;
}

// A merge is whole even where a signal came before it had ended.
bool is_clean(const PastReport& past) {
  const bool merged = !past.report.sources.empty();
  const bool ended = past.exit_code && (*past.exit_code <= ExitCode::damage ||
                                        (merged && was_interrupted(*past.exit_code)));
  return ended && past.report.unreadable.empty();
}

// The renderings that nothing reads back: they take any name, and the page has no markup of it.
void render_for_people(const Report& report, ExitCode code) {
  std::string text;
  const Sink take = [&text](std::string_view piece) { text += piece; };
  render_text(report, {false, 80, 1}, code, take);
  render_metrics(report, {"scan", report.hub_cache, report.asked.repos, 0, 0},
                 MetricsSeries::each_repo, code, take);
  text.clear();
  render_html(report, code, take);
  fuzz::require(text.ends_with("</html>\n"));
  fuzz::require(text.find("<script>") == text.rfind("<script>"));
  fuzz::require(text.find("</script>") == text.rfind("</script>"));
}

void compare_with_itself(const PastReport& past) {
  Report report = past.report;
  const ExitCode code = past.exit_code.value_or(ExitCode::interrupted);
  fuzz::require(compare_with(report, {"earlier", past}, code).has_value());
  const Since& since = *report.since;
  fuzz::require(since.findings.size() == report.findings.size());
  for (const FindingChange& one : since.findings)
    fuzz::require(one.change == Change::same);
  fuzz::require(since.gone.empty() && since.unchecked == 0 && since.repos.empty());
  render_for_people(report, code);
  if (!past.exit_code) return;
  const auto again = read_report("s", rendered(report, *past.exit_code));
  fuzz::require(again && again->report.findings.size() == report.findings.size());
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
  compare_with_itself(*past);
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
