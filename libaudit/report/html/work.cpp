// The results of a repair or a pull, and the amount of content read.
#include <algorithm>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/html/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_work_rows = 300;

void write_more(std::size_t all, std::string_view singular, const Sink& out) {
  if (all > most_work_rows)
    out(formatted("<p>And {}.</p>\n", counted(all - most_work_rows, singular)));
}

void write_repair_table(const RepairLog& log, const Sink& out) {
  begin_section("repair", log.dry_run ? "Planned repair" : "Repair", out);
  if (log.plan.empty()) {
    out("<p>Nothing to do.</p>\n");
    return end_section(out);
  }
  out("<table class=\"sort\">\n<caption>The steps of the repair</caption>\n<thead><tr>"
      "<th scope=\"col\">Action</th><th scope=\"col\">Path</th><th scope=\"col\">Reason</th>"
      "<th scope=\"col\">Outcome</th><th scope=\"col\">Size</th></tr></thead>\n<tbody>\n");
  for (std::size_t i = 0; i < std::min(log.plan.size(), most_work_rows); ++i) {
    const PlannedAction& action = log.plan[i];
    const ActionResult* result = i < log.results.size() ? &log.results[i] : nullptr;
    const std::string outcome =
        result == nullptr ? log.dry_run ? "planned" : "not tried"
                          : std::string(to_string(result->outcome)) +
                                (result->detail.empty() ? "" : ": " + html_text(result->detail));
    const std::uint64_t bytes = result == nullptr ? action.bytes : result->bytes;
    out(
        formatted("<tr><td>{}</td><th scope=\"row\">{}</th><td>{}</td><td>{}</td>"
                  "<td data-n=\"{}\">{}</td></tr>\n",
                  html_text(action.action), html_text(action.path), html_text(action.reason),
                  outcome, bytes, human_bytes(bytes)));
  }
  out("</tbody>\n</table>\n");
  write_more(log.plan.size(), "more step", out);
  end_section(out);
}

void write_transfer_table(const Report& report, const Sink& out) {
  begin_section("downloads", "Downloads", out);
  out("<table class=\"sort\">\n<caption>What was downloaded</caption>\n<thead><tr>"
      "<th scope=\"col\">Repo</th><th scope=\"col\">Revision</th><th scope=\"col\">Files</th>"
      "<th scope=\"col\">Downloaded</th><th scope=\"col\">Left</th><th scope=\"col\">Failure</th>"
      "</tr></thead>\n<tbody>\n");
  for (std::size_t i = 0; i < std::min(report.transfers.size(), most_work_rows); ++i) {
    const Transfer& one = report.transfers[i];
    out(
        formatted("<tr><th scope=\"row\">{}</th><td>{}</td><td data-n=\"{}\">{}</td>"
                  "<td data-n=\"{}\">{}</td><td data-n=\"{}\">{}</td><td>{}</td></tr>\n",
                  title_of(one.repo, {}), html_text(one.revision), one.wanted.files,
                  grouped(one.wanted.files), one.pulled.bytes, human_bytes(one.pulled.bytes),
                  one.left.size(), counted(one.left.size(), "file"), html_text(one.failure)));
  }
  out("</tbody>\n</table>\n");
  write_more(report.transfers.size(), "more repo", out);
  end_section(out);
}

void write_read_content(const Verified& verified, const Sink& out) {
  begin_section("content", "Content", out);
  const auto line = [&](std::string_view what, const FileTotals& totals) {
    if (totals.files != 0)
      out(formatted("<li>{}: {}, {}</li>\n", what, counted(totals.files, "file"),
                    human_bytes(totals.bytes)));
  };
  out("<ul>\n");
  line("Read and compared", verified.proven);
  line("Proven by an earlier run", verified.trusted);
  line("Without a checksum to compare with", verified.unverifiable);
  line("Not read to the end", verified.left);
  line("In all", verified.total);
  if (verified.oldest_proof_s)
    out(formatted("<li>Age of the oldest proof: {}</li>\n",
                  human_duration(*verified.oldest_proof_s * 1000)));
  out("</ul>\n");
  end_section(out);
}

}  // namespace

void write_html_work(const Report& report, const Sink& out) {
  if (report.repair) write_repair_table(*report.repair, out);
  if (!report.transfers.empty()) write_transfer_table(report, out);
  if (report.verified) write_read_content(*report.verified, out);
}

}  // namespace hfaudit::report
