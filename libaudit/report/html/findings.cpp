// All findings in a table: errors and warnings by repo, information by id alone.
#include <algorithm>
#include <array>
#include <vector>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "base/sum.hpp"
#include "report/advice.hpp"
#include "report/html/finding_groups.hpp"
#include "report/html/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_finding_rows = 600;

struct InfoTotals {
  std::size_t findings = 0;
  std::uint64_t bytes = 0;
};

void write_finding_row(Severity severity, FindingId id, std::string_view repo,
                       std::string_view what, std::size_t count, std::uint64_t bytes,
                       const Sink& out) {
  out(formatted(
      "<tr><td data-n=\"{}\"><span class=\"{}\">{}</span></td><th scope=\"row\">{}</th>"
      "<td>{}</td><td>{}</td><td data-n=\"{}\">{}</td><td data-n=\"{}\">{}</td></tr>\n",
      static_cast<int>(severity), to_string(severity), to_string(severity), info_of(id).name, repo,
      what, count, grouped(count), bytes, bytes > 0 ? human_bytes(bytes) : ""));
}

void write_info_rows(const Report& report, const Sink& out) {
  std::array<InfoTotals, static_cast<std::size_t>(FindingId::unrecognized_entry) + 1> totals{};
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::info) continue;
    InfoTotals& one = totals[static_cast<std::size_t>(finding.id)];
    ++one.findings;
    add_size(one.bytes, finding.bytes);
  }
  for (const FindingInfo& info : catalogue()) {
    const InfoTotals& one = totals[static_cast<std::size_t>(info.id)];
    if (one.findings != 0)
      write_finding_row(Severity::info, info.id, "", html_text(info.sentence), one.findings,
                        one.bytes, out);
  }
}

}  // namespace

void write_html_findings(const Report& report, const Sink& out) {
  if (report.findings.empty()) return;
  const auto groups = html_groups_of(report, Severity::warning, Severity::error);
  begin_section("findings", formatted("Findings ({})", grouped(report.findings.size())), out);
  out("<table class=\"sort\">\n<caption>What is wrong, the worst first; "
      "<code>hfaudit explain ID</code> explains a finding</caption>\n<thead><tr>"
      "<th scope=\"col\">Severity</th><th scope=\"col\">Finding</th><th scope=\"col\">Repo</th>"
      "<th scope=\"col\">What</th><th scope=\"col\">Count</th><th scope=\"col\">Size</th>"
      "</tr></thead>\n<tbody>\n");
  const std::size_t shown = std::min(groups.size(), most_finding_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const Finding& finding = *groups[i].first;
    const std::string repo =
        finding.repo ? title_of(*finding.repo, finding.cache_ref) : html_text(finding.path);
    write_finding_row(finding.severity, finding.id, repo, html_text(finding.message),
                      groups[i].count, groups[i].bytes, out);
  }
  write_info_rows(report, out);
  out("</tbody>\n</table>\n");
  if (shown < groups.size())
    out(formatted("<p>And {}, which a report of <code>--format json</code> lists.</p>\n",
                  counted(groups.size() - shown, "more row")));
  end_section(out);
}

}  // namespace hfaudit::report
