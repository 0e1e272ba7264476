// The end of an audit of a cache: the home around the repos, and the report.
#include <algorithm>
#include <iterator>

#include "audit/cache_audit.hpp"
#include "audit/report_places.hpp"
#include "base/sum.hpp"
#include "rules/check_home.hpp"

namespace hfaudit {

void CacheAudit::finish_home(Report& report, const std::set<FileKey>& used_payloads) {
  const bool everything = request_.repos.empty();
  const HomeContext around{layout_, user_, processes_, context_.now_ns};
  if (everything && request_.whole_home && !is_interrupted()) walk_home(around, home_);
  if (!everything)
    note_access(around, hub_, home_);  // without access to the hub the repo is unusable
  // a repo that was read in part may use any payload
  const bool all_used_known =
      everything && report.unreadable.empty() && home_.things.unreadable.empty();
  for (auto& finding : check_home(home_, all_used_known ? &used_payloads : nullptr, context_)) {
    // a partial file in the hub folder that a repo's lock explains
    const bool attributed =
        finding.id == FindingId::orphan_partial &&
        std::any_of(report.findings.begin(), report.findings.end(),
                    [&](const Finding& other) { return other.path == finding.path && other.repo; });
    if (attributed) continue;
    const bool reclaimable = finding.id == FindingId::orphan_partial ||
                             finding.id == FindingId::orphan_blob ||
                             finding.id == FindingId::temp_debris;
    if (reclaimable && finding.fix != fix::none) add_size(report.bytes_reclaimable, finding.bytes);
    report.findings.push_back(std::move(finding));
  }
  for (auto& unreadable : home_.things.unreadable)
    report.unreadable.push_back(std::move(unreadable));
  for (auto& noted : home_.things.unread_listings)
    report.noted.push_back(std::move(noted));
}

Report CacheAudit::finish() {
  Report report;
  std::set<FileKey> used_payloads;
  for (auto& [judgement, unreadable, noted, payloads] : repos_) {
    if (judgement.report.path.empty()) continue;  // interrupted before its scan
    report.repos.push_back(std::move(judgement.report));
    std::move(judgement.findings.begin(), judgement.findings.end(),
              std::back_inserter(report.findings));
    std::move(unreadable.begin(), unreadable.end(), std::back_inserter(report.unreadable));
    std::move(noted.begin(), noted.end(), std::back_inserter(report.noted));
    used_payloads.insert(payloads.begin(), payloads.end());
    add_size(report.bytes_present, judgement.bytes_present);
    add_size(report.bytes_missing, judgement.bytes_missing);
    add_size(report.bytes_reclaimable, judgement.bytes_reclaimable);
  }
  finish_home(report, used_payloads);
  fold_nested_access(report.findings);
  if (report.bytes_missing != 0) {
    if (auto low = check_space(report.bytes_missing, hub_.free_bytes(), prefix_))
      report.findings.push_back(*low);
  }
  if (online_) {
    for (auto& unreadable : online_->take_unreadable()) {
      if (unreadable.refused) unreadable.path = placed(unreadable.path);
      report.unreadable.push_back(std::move(unreadable));
    }
  }
  report.not_found = std::move(not_found_);
  add_reasons(report, request_);
  name_places(report, layout_, request_);
  return report;
}

}  // namespace hfaudit
