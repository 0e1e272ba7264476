// The report as one HTML page. It is complete in itself and works offline, which its own policy
// enforces, and its script only adds comforts: sorting and a filter.
#include <vector>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "hfaudit/version.hpp"
#include "report/html/page_assets.hpp"
#include "report/html/parts.hpp"

namespace hfaudit {
namespace report {
namespace {

// The subject of the report: the cache, the folder, or the number of caches.
std::string subject_of(const Report& report) {
  if (report.caches.size() > 1) return counted(report.caches.size(), "cache");
  if (report.caches.size() == 1) return html_text(report.caches.front().place());
  for (const ScannedLocation& place : report.scanned) {
    if (place.what == "local-dir") return html_text(place.path);
  }
  return html_text(report.hub_cache);
}

std::string_view sentence_of(std::string_view verdict, ExitCode code) {
  if (was_interrupted(code)) return "The run was interrupted. The findings so far:";
  if (verdict == "clean") return "All repos that were checked are complete.";
  if (verdict == "damaged") return "Damage was found. The commands that repair it are below.";
  return "Not everything could be checked, so the verdict is unknown.";
}

void write_page_head(const Report& report, std::string_view verdict, const Sink& out) {
  out("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
  out(
      formatted("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; "
                "form-action 'none'\">\n",
                page_style_hash, page_script_hash));
  out("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n");
  out(formatted("<meta name=\"generator\" content=\"hfaudit {}\">\n", version()));
  out(formatted("<title>{}: {} (hfaudit {})</title>\n", verdict, subject_of(report),
                html_text(report.command)));
  out("<style>");
  out(page_style);
  out("</style>\n</head>\n<body>\n");
}

void write_tile(std::string_view number, std::string_view words, const Sink& out) {
  out(formatted("<li><b>{}</b>{}</li>\n", number, words));
}

void write_tiles(const Report& report, const Tally& tally, const Sink& out) {
  out("<ul class=\"tiles\">\n");
  write_tile(grouped(report.repos.size()), report.repos.size() == 1 ? "repo" : "repos", out);
  for (const Verdict verdict : {Verdict::corrupt, Verdict::incomplete, Verdict::unknown,
                                Verdict::in_progress, Verdict::subset, Verdict::complete}) {
    if (tally[verdict] > 0) write_tile(grouped(tally[verdict]), verdict_text(verdict), out);
  }
  write_tile(grouped(tally[Severity::error]), tally[Severity::error] == 1 ? "error" : "errors",
             out);
  write_tile(grouped(tally[Severity::warning]),
             tally[Severity::warning] == 1 ? "warning" : "warnings", out);
  write_tile(human_bytes(report.bytes_present), "here", out);
  if (report.bytes_missing > 0) write_tile(human_bytes(report.bytes_missing), "missing", out);
  if (report.bytes_reclaimable > 0)
    write_tile(human_bytes(report.bytes_reclaimable), "to reclaim", out);
  out("</ul>\n");
}

std::string scope_text(const Report& report) {
  std::string text;
  const auto add = [&text](std::string_view before, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i)
      text += (i == 0 ? std::string(before) : ", ") + html_text(names[i]);
  };
  add(". Only of ", report.asked.repos);
  add(". Only files that match ", report.asked.include);
  add(". Without files that match ", report.asked.exclude);
  return text;
}

void write_summary_header(const Report& report, const Tally& tally, std::string_view verdict,
                          ExitCode code, const Sink& out) {
  out(formatted("<header>\n<h1><span class=\"{}\">{}</span> {}</h1>\n", verdict, verdict,
                subject_of(report)));
  out(formatted("<p>{}</p>\n", sentence_of(verdict, code)));
  const std::string host = report.host.empty() ? "" : " on " + html_text(report.host);
  out(
      formatted("<p class=\"faint\">hfaudit {}{}, <time datetime=\"{}\">{}</time>, {}, exit code "
                "{}{}</p>\n",
                html_text(report.command), host, utc(report.started_at), utc(report.started_at),
                human_duration(report.duration_ms), to_int(code), scope_text(report)));
  write_tiles(report, tally, out);
  out("</header>\n");
}

}  // namespace
}  // namespace report

void render_html(const Report& report, ExitCode code, const Sink& out) {
  const report::Tally tally = report::tally_of(report);
  const std::string_view verdict = overall_verdict(tally, code);
  report::write_page_head(report, verdict, out);
  report::write_summary_header(report, tally, verdict, code, out);
  out("<main>\n");
  report::write_html_changes(report, out);
  report::write_html_unreadable(report, out);
  report::write_html_nodes(report, out);
  report::write_html_treemap(report, out);
  report::write_html_damaged(report, out);
  report::write_html_work(report, out);
  report::write_html_findings(report, out);
  report::write_html_repos(report, out);
  out("</main>\n<script>");
  out(report::page_script);
  out("</script>\n</body>\n</html>\n");
}

}  // namespace hfaudit
