#include "hfaudit/audit.hpp"

#include <algorithm>
#include <cerrno>

#include "audit/run.hpp"
#include "os/access.hpp"
#include "os/unix_time.hpp"
#include "scan/walk_home.hpp"

namespace hfaudit {
namespace {

// Worst first; within a severity by repo, then by path, so that two runs print the same.
void sort_findings(std::vector<Finding>& findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    if (a.repo != b.repo) return a.repo < b.repo;
    if (a.id != b.id) return a.id < b.id;
    return a.path < b.path;
  });
}

// Adds owner and mode to each path with a denied access.
void name_owners(Report& report) {
  for (auto* places : {&report.unreadable, &report.noted}) {
    for (auto& place : *places) {
      const bool denied = place.cause == os::denied_in_words();
      if (!denied || place.refused) continue;
      const bool absolute = place.path.starts_with('/');
      const auto path = absolute || report.hf_home.empty() ? place.path
                        : place.path == "."                ? report.hf_home
                                                           : report.hf_home + "/" + place.path;
      if (const auto words = os::access_in_words(path); !words.empty())
        place.cause += " (" + words + ")";
    }
  }
}

}  // namespace

Result<std::unique_ptr<os::File>> open_content(const os::Directory& folder,
                                               const Content& content) {
  const auto links = content.follow ? os::Links::follow : os::Links::refuse;
  auto file = folder.open_file(content.place, links);
  if (!file && os::is_absent(file.error())) return std::unique_ptr<os::File>();
  if (file && (*file)->meta().key != content.key) return std::unique_ptr<os::File>();
  return file;
}

Result<std::unique_ptr<AuditRun>> begin_audit(const Layout& layout, const AuditRequest& request,
                                              AuditPurpose purpose, const std::stop_token& stop) {
  auto run = request.local_dir ? begin_local_audit(layout, request, purpose, stop)
                               : begin_cache_audit(layout, request, purpose, stop);
  if (run || run.error().code == 0) return run;
  if (!os::is_absent(run.error()) && run.error().code != ELOOP)
    return make_unreadable_audit(layout, request, run.error());
  if (auto unreachable = make_unreachable_audit(layout, request)) return unreachable;
  return run;
}

ReportScope asked_of(const AuditRequest& request) {
  ReportScope asked;
  for (const RepoRequest& one : request.repos)
    asked.repos.push_back(one.name());
  asked.include = request.include;
  asked.exclude = request.exclude;
  asked.locked = request.locked_path;
  return asked;
}

void complete_report(Report& report, std::string command, std::int64_t started_ns,
                     std::int64_t ended_ns) {
  sort_findings(report.findings);
  name_owners(report);
  report.command = std::move(command);
  report.host = host_name();
  report.started_at = started_ns / 1'000'000'000;
  report.duration_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(ended_ns - started_ns, 0)) / 1'000'000;
}

Result<Report> audit(const Layout& layout, const AuditRequest& request,
                     const std::stop_token& stop) {
  const auto started = unix_time_ns();
  auto run = begin_audit(layout, request, AuditPurpose::scan, stop);
  if (!run) return tl::unexpected(run.error());
  if (auto scanned = (*run)->inspect(); !scanned) return tl::unexpected(scanned.error());
  auto report = (*run)->finish();
  report.asked = asked_of(request);
  complete_report(report, "scan", started, unix_time_ns());
  return report;
}

}  // namespace hfaudit
