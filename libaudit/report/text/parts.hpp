// The parts of the text report, and the little they share.
#pragma once

#include <string>
#include <string_view>

#include "base/numbers.hpp"
#include "hfaudit/render.hpp"
#include "report/repo_name.hpp"
#include "report/tally.hpp"

namespace hfaudit::report {

enum class Color { bad, warn, good, note, faint, strong };

// Writes lines in a style: coloured on request, cut to the width by their writers.
class TextOut {
 public:
  TextOut(const TextStyle& style, const Sink& sink) : style_(style), sink_(sink) {}

  void line(std::string_view text);
  void gap();  // an empty line, unless it would be the first
  [[nodiscard]] std::string paint(Color color, std::string_view text) const;
  // `text`, printable and in at most the width less `taken` columns.
  [[nodiscard]] std::string fit(std::string_view text, std::size_t taken) const;

  [[nodiscard]] bool quiet() const { return style_.verbosity < 0; }
  [[nodiscard]] bool verbose() const { return style_.verbosity > 0; }
  [[nodiscard]] std::size_t width() const { return style_.width; }  // 0: unlimited

 private:
  const TextStyle& style_;
  const Sink& sink_;
  bool empty_ = true;
};

// Breaks a text between words, so that no terminal of `width` columns (0: none) breaks it inside
// one: a number that is cut is another number. Only a word longer than a line is divided. `column`
// is where the text begins, and then where it ends.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t& column,
                                  std::string_view indent, std::size_t width);

// "7 files, 3.00 MB"
[[nodiscard]] std::string in_words(const FileTotals& totals);
// "; only *.json; not *.bin": empty where all files were requested.
[[nodiscard]] std::string filter_in_words(const ReportScope& asked);

// New findings since an earlier report. `news_only`: the report itself is hidden, so each new or
// worse finding comes with its command.
void write_since(const Report& report, bool news_only, TextOut& out);
// Whether the verdict of a repo is worse than in the earlier report.
[[nodiscard]] bool has_worse_repo(const Report& report);

// The unreadable paths.
void write_unreadable(const Report& report, TextOut& out);
// One line a repo: the damaged ones, and the healthy ones where they are few.
void write_repos(const Report& report, const Tally& tally, TextOut& out);
// The findings, worst first, each with its command.
void write_findings(const Report& report, const Tally& tally, TextOut& out);
// How many findings the text leaves out: idle locks, without -v.
std::size_t hidden_locks(const Report& report, const TextOut& out);
// Of a merged report: its inputs, and then cache by cache all of the above.
void write_merged(const Report& report, TextOut& out);

void write_verified(const Report& report, TextOut& out);
// Of a repair: before the repos as they are after it.
void write_repair(const RepairLog& log, TextOut& out);
// And after them the sum.
void write_repaired(const RepairLog& log, TextOut& out);
// Of a pull, in place of the table of repos.
void write_transfers(const Report& report, TextOut& out);
// "3 of 4 repos complete, 1 refused"; empty where all are complete, and for a plan.
[[nodiscard]] std::string transfers_in_words(const Report& report);

// Repos that are listed one by one without -v: the damaged ones, those with the same error.
inline constexpr std::size_t few_repos = 20;

}  // namespace hfaudit::report
