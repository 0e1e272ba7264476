// A run as Prometheus text: its findings, and its outcome. Series that may be zero are present with
// zero, so that an alert on them can distinguish "none" from "did not run".
#include <array>
#include <map>
#include <utility>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/version.hpp"
#include "report/metrics/exposition.hpp"
#include "report/metrics/repo_series.hpp"
#include "report/tally.hpp"

namespace hfaudit {
namespace report {
namespace {

constexpr double milliseconds = 1000;

std::string in_few_words(const std::vector<std::string>& list) {
  constexpr std::size_t most_named = 3;
  std::string text;
  if (list.size() > most_named) return formatted("{} and {} more", list.front(), list.size() - 1);
  for (const std::string& item : list)
    text += (text.empty() ? "" : " ") + item;
  return text;
}

// What was requested, in a label: two runs on different parts of one cache are different series.
std::string asked_in_words(const RunFacts& run) {
  const std::string repos = in_few_words(run.asked), limits = in_few_words(run.limits);
  return repos + (repos.empty() || limits.empty() ? "" : " ") + limits;
}

Labels common_labels(const RunFacts& run) {
  return {{"command", run.command}, {"cache", run.cache}, {"asked", asked_in_words(run)}};
}

void write_run(const RunFacts& run, ExitCode code, Exposition& out) {
  out.gauge("hfaudit_build_info", "The version of hfaudit that ran");
  out.series({{"version", std::string(version())}}, std::uint64_t{1});
  out.gauge("hfaudit_exit_code", "Exit code of the run");
  out.series({}, static_cast<std::uint64_t>(to_int(code)));
  const double seconds = static_cast<double>(run.duration_ms) / milliseconds;
  out.gauge("hfaudit_run_timestamp_seconds", "When the run ended, in seconds since the epoch");
  out.series({}, static_cast<std::uint64_t>(run.started_at) + run.duration_ms / 1000);
  out.gauge("hfaudit_run_duration_seconds", "How long the run took");
  out.series({}, seconds);
}

void write_findings(const Report& report, const Tally& tally, Exposition& out) {
  out.gauge("hfaudit_findings", "Findings by severity");
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info})
    out.series({{"severity", std::string(to_string(severity))}}, std::uint64_t{tally[severity]});
  std::map<std::pair<FindingId, Severity>, std::uint64_t> counts;
  for (const FindingInfo& info : catalogue())
    counts[{info.id, info.severity}] = 0;
  for (const Finding& finding : report.findings)
    ++counts[{finding.id, finding.severity}];
  out.gauge("hfaudit_findings_by_id", "Findings by id; hfaudit-findings(7) explains each");
  for (const auto& [key, count] : counts)
    out.series({{"id", std::string(info_of(key.first).name)},
                {"severity", std::string(to_string(key.second))}},
               count);
}

void write_bytes(const Report& report, Exposition& out) {
  out.gauge("hfaudit_present_bytes", "Bytes in the cache");
  out.series({}, report.bytes_present);
  out.gauge("hfaudit_missing_bytes", "Bytes that damaged repos lack");
  out.series({}, report.bytes_missing);
  out.gauge("hfaudit_reclaimable_bytes", "Bytes that a removal of leftovers would free");
  out.series({}, report.bytes_reclaimable);
}

void write_verified(const Verified& verified, Exposition& out) {
  const std::array<std::pair<std::string_view, const FileTotals*>, 5> states{{
      {"read", &verified.proven},
      {"proven_before", &verified.trusted},
      {"unverifiable", &verified.unverifiable},
      {"left", &verified.left},
      {"total", &verified.total},
  }};
  out.gauge("hfaudit_content_files", "Files by the state of their content");
  for (const auto& [state, totals] : states)
    out.series({{"state", std::string(state)}}, totals->files);
  out.gauge("hfaudit_content_bytes", "Bytes by the state of the content");
  for (const auto& [state, totals] : states)
    out.series({{"state", std::string(state)}}, totals->bytes);
  if (!verified.oldest_proof_s) return;  // some content lacks a proof
  out.gauge("hfaudit_oldest_proof_age_seconds",
            "Age of the oldest proof of content at the time of the run");
  out.series({}, *verified.oldest_proof_s);
}

void write_changes(const Report& report, Exposition& out) {
  const ChangeTally tally = change_tally_of(report);
  out.gauge("hfaudit_since_findings", "Findings by their change since the earlier report");
  for (std::size_t i = 0; i < tally.findings.size(); ++i) {
    for (const Severity severity : {Severity::error, Severity::warning, Severity::info})
      out.series({{"change", std::string(to_string(static_cast<Change>(i)))},
                  {"severity", std::string(to_string(severity))}},
                 std::uint64_t{tally.findings[i][static_cast<std::size_t>(severity)]});
  }
  std::array<std::uint64_t, 5> repos{};
  for (const RepoChange& repo : report.since->repos)
    ++repos[static_cast<std::size_t>(repo.change)];
  out.gauge("hfaudit_since_repos", "Repos by the change of their verdict since the earlier report");
  for (const Change change : {Change::added, Change::worse, Change::better, Change::gone})
    out.series({{"change", std::string(to_string(change))}},
               repos[static_cast<std::size_t>(change)]);
  out.gauge("hfaudit_since_unchecked_findings",
            "Findings of the earlier report that this run did not check");
  out.series({}, report.since->unchecked);
}

void write_work(const Report& report, Exposition& out) {
  if (report.repair) {
    std::array<std::uint64_t, 3> outcomes{};
    for (const ActionResult& result : report.repair->results)
      ++outcomes[static_cast<std::size_t>(result.outcome)];
    out.gauge("hfaudit_repair_actions", "Actions of a repair by outcome");
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      out.series({{"outcome", std::string(to_string(static_cast<Outcome>(i)))}}, outcomes[i]);
  }
  if (!report.repair && report.transfers.empty()) return;
  std::uint64_t received = report.repair ? report.repair->received : 0;
  for (const Transfer& transfer : report.transfers)
    received += transfer.received;
  out.gauge("hfaudit_received_bytes", "Bytes that the run received over the network");
  out.series({}, received);
}

void write_merged_reports(const Report& report, Exposition& out) {
  if (report.sources.empty()) return;
  std::uint64_t unread = 0;
  for (const Source& source : report.sources)
    unread += source.failure.empty() ? 0U : 1U;
  out.gauge("hfaudit_merged_reports", "Reports that a merge was given");
  out.series({{"state", "read"}}, report.sources.size() - unread);
  out.series({{"state", "unread"}}, unread);
  out.gauge("hfaudit_oldest_report_timestamp_seconds", "When the oldest merged report was begun");
  out.series({}, static_cast<std::uint64_t>(std::max<std::int64_t>(report.started_at, 0)));
  write_nodes(report, out);
}

}  // namespace
}  // namespace report

void render_metrics(const Report& report, const RunFacts& run, MetricsSeries series, ExitCode code,
                    const Sink& sink) {
  report::Exposition out(report::common_labels(run), sink);
  const report::Tally tally = report::tally_of(report);
  report::write_run(run, code, out);
  out.gauge("hfaudit_repos", "Repos by verdict");
  for (std::size_t i = 0; i < tally.repos.size(); ++i)
    out.series({{"verdict", std::string(to_string(static_cast<Verdict>(i)))}},
               std::uint64_t{tally.repos[i]});
  report::write_findings(report, tally, out);
  report::write_bytes(report, out);
  out.gauge("hfaudit_unreadable_paths", "Paths that could not be checked");
  out.series({}, std::uint64_t{report.unreadable.size()});
  if (report.verified) report::write_verified(*report.verified, out);
  if (report.since) report::write_changes(report, out);
  report::write_work(report, out);
  report::write_merged_reports(report, out);
  if (series == MetricsSeries::each_repo) report::write_each_repo(report, out);
}

void render_metrics_of_failure(const RunFacts& run, ExitCode code, const Sink& sink) {
  report::Exposition out(report::common_labels(run), sink);
  report::write_run(run, code, out);
}

}  // namespace hfaudit
