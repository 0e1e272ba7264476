// New findings since an earlier report, unreadable paths, and absent repos.
#include <algorithm>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/html/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_change_rows = 200, most_paths = 100;

// The table has errors and warnings.
bool is_in_table(const Finding& finding) {
  return finding.severity != Severity::info;
}

class ChangeRows {
 public:
  explicit ChangeRows(const Sink& out) : out_(out) {}

  void add(Change change, const Finding& finding, const std::string& was) {
    if (!is_in_table(finding)) return;
    if (++count_ > most_change_rows) return;
    const std::string repo =
        finding.repo ? title_of(*finding.repo, finding.cache_ref) : html_text(finding.path);
    out_(formatted(
        "<tr><td>{}</td><td><span class=\"{}\">{}</span></td><th scope=\"row\">{}</th>"
        "<td>{}{}</td><td><code>{}</code></td></tr>\n",
        to_string(change), to_string(finding.severity), to_string(finding.severity), repo,
        html_text(finding.message), was.empty() ? "" : " (before: " + html_text(was) + ")",
        info_of(finding.id).name));
  }
  void finish() const {
    if (count_ > most_change_rows)
      out_(formatted("<tr><td>and</td><td></td><th scope=\"row\">{}</th><td></td><td></td></tr>\n",
                     counted(count_ - most_change_rows, "more row")));
  }

 private:
  const Sink& out_;
  std::size_t count_ = 0;
};

void write_change_table(const Report& report, const Sink& out) {
  const Since& since = *report.since;
  out("<table class=\"sort\">\n<caption>Errors and warnings that changed</caption>\n<thead><tr>"
      "<th scope=\"col\">Change</th><th scope=\"col\">Severity</th><th scope=\"col\">Repo</th>"
      "<th scope=\"col\">What</th><th scope=\"col\">Finding</th></tr></thead>\n<tbody>\n");
  ChangeRows rows(out);
  for (const Change change : {Change::added, Change::worse, Change::better}) {
    for (std::size_t i = 0; i < std::min(since.findings.size(), report.findings.size()); ++i) {
      if (since.findings[i].change == change)
        rows.add(change, report.findings[i], since.findings[i].was);
    }
  }
  for (const Finding& finding : since.gone)
    rows.add(Change::gone, finding, {});
  rows.finish();
  out("</tbody>\n</table>\n");
}

bool has_changes(const Report& report) {
  const Since& since = *report.since;
  if (std::any_of(since.gone.begin(), since.gone.end(), is_in_table)) return true;
  for (std::size_t i = 0; i < std::min(since.findings.size(), report.findings.size()); ++i) {
    if (since.findings[i].change != Change::same && is_in_table(report.findings[i])) return true;
  }
  return false;
}

}  // namespace

void write_html_changes(const Report& report, const Sink& out) {
  if (!report.since) return;
  const Since& since = *report.since;
  begin_section("since", since.absent ? "No earlier report" : "New since " + utc(since.started_at),
                out);
  out(formatted("<p>{}</p>\n",
                since.absent ? formatted("There is no report at <code>{}</code> yet: everything "
                                         "counts as new.",
                                         html_text(since.file))
                             : "Compared with <code>" + html_text(since.file) + "</code>."));
  for (const std::string& note : since.notes)
    out("<p>Note: " + html_text(note) + ".</p>\n");
  if (since.unchecked > 0)
    out(formatted("<p>{} of the earlier report not checked by this run.</p>\n",
                  counted(since.unchecked, "finding")));
  if (!since.absent && has_changes(report))
    write_change_table(report, out);
  else if (!since.absent)
    out("<p>No error or warning changed.</p>\n");
  end_section(out);
}

void write_html_unreadable(const Report& report, const Sink& out) {
  if (!report.unreadable.empty()) {
    begin_section("unreadable", "Not everything could be checked", out);
    out("<ul>\n");
    for (std::size_t i = 0; i < std::min(report.unreadable.size(), most_paths); ++i) {
      const Unreadable& place = report.unreadable[i];
      const std::string node =
          place.cache_ref.host.empty() ? "" : " on " + html_text(place.cache_ref.host);
      out(formatted("<li><code>{}</code>{}: {}: {}</li>\n", html_text(place.path), node,
                    html_text(place.operation), html_text(place.cause)));
    }
    if (report.unreadable.size() > most_paths)
      out(formatted("<li>and {} more</li>\n", grouped(report.unreadable.size() - most_paths)));
    out("</ul>\n");
    end_section(out);
  }
  if (report.not_found.empty()) return;
  begin_section("not-found", "Not found", out);
  out("<ul>\n");
  for (const NotFound& one : report.not_found)
    out(formatted("<li><code>{}</code>: {}</li>\n", html_text(one.name), html_text(one.cause)));
  out("</ul>\n");
  end_section(out);
}

}  // namespace hfaudit::report
