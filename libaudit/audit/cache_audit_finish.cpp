// The end of an audit of a cache: the home around the repos, and the report.
#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "audit/cache_audit.hpp"
#include "audit/report_places.hpp"
#include "base/sum.hpp"
#include "rules/check_home.hpp"
#include "rules/finding_facts.hpp"

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
    if (is_reclaimable(finding)) add_size(report.bytes_reclaimable, finding.bytes);
    report.findings.push_back(std::move(finding));
  }
  for (auto& unreadable : home_.things.unreadable)
    report.unreadable.push_back(std::move(unreadable));
  for (auto& noted : home_.things.unread_listings)
    report.noted.push_back(std::move(noted));
}

namespace {

template <class Value>
void append(std::vector<Value>& values, std::vector<Value> others) {
  std::move(others.begin(), others.end(), std::back_inserter(values));
}

// `begin`: where the findings of this repo begin. The same defect may be seen in two judgements of
// one repo: the one for a named revision is an error where the other one warns.
void join_findings(std::vector<Finding>& findings, std::size_t begin, std::vector<Finding> others) {
  const auto key_of = [](const Finding& finding) {
    return std::tie(finding.id, finding.path, finding.revision, finding.message);
  };
  const auto is_before = [&](const Finding* a, const Finding* b) {
    return key_of(*a) < key_of(*b);
  };
  findings.reserve(findings.size() + others.size());  // the pointers stay valid
  std::set<Finding*, decltype(is_before)> known(is_before);
  for (std::size_t i = begin; i < findings.size(); ++i)
    known.insert(&findings[i]);
  for (auto& one : others) {
    const auto same = known.find(&one);
    if (same == known.end())
      findings.push_back(std::move(one));
    else if ((*same)->severity < one.severity)
      **same = std::move(one);
  }
}

void join_places(std::vector<Unreadable>& places, std::vector<Unreadable> others) {
  const auto key_of = [](const Unreadable& place) {
    return std::tie(place.path, place.operation, place.cause);
  };
  for (auto& one : others) {
    const bool known = std::any_of(places.begin(), places.end(), [&](const Unreadable& place) {
      return key_of(place) == key_of(one);
    });
    if (!known) places.push_back(std::move(one));
  }
}

// `a` includes `a@v1`: the verdict is the worse one.
void fold_revision(RepoReport& whole, RepoReport one) {
  if (one.verdict > whole.verdict) {
    whole.verdict = one.verdict;
    whole.basis = one.basis;
    whole.bytes = one.bytes;
  }
  for (auto& revision : one.revisions) {
    const auto same = std::find_if(
        whole.revisions.begin(), whole.revisions.end(),
        [&revision](const RevisionReport& known) { return known.commit == revision.commit; });
    if (same == whole.revisions.end())
      whole.revisions.push_back(std::move(revision));
    else if (same->verdict < revision.verdict)
      *same = std::move(revision);
  }
}

}  // namespace

Report CacheAudit::finish() {
  Report report;
  std::set<FileKey> used_payloads;
  const Task* before = nullptr;  // of the same folder, the one without a revision comes first
  std::size_t folder_findings = 0;
  Judgement of_folder;
  for (std::size_t i = 0; i < repos_.size(); ++i) {
    auto& [judgement, unreadable, noted, payloads] = repos_[i];
    if (judgement.report.path.empty()) continue;  // interrupted before its scan
    const bool again = before != nullptr && before->folder == tasks_[i].folder;
    if (!again) {
      folder_findings = report.findings.size();
      of_folder = {};
    }
    const bool folded = again && !before->revision;
    if (folded) {
      fold_revision(report.repos.back(), std::move(judgement.report));
    } else {
      report.repos.push_back(std::move(judgement.report));
      before = &tasks_[i];
    }
    if (again) {
      join_findings(report.findings, folder_findings, std::move(judgement.findings));
      join_places(report.unreadable, std::move(unreadable));
      join_places(report.noted, std::move(noted));
    } else {
      append(report.findings, std::move(judgement.findings));
      append(report.unreadable, std::move(unreadable));
      append(report.noted, std::move(noted));
    }
    used_payloads.insert(payloads.begin(), payloads.end());
    // bytes of a folder count once
    const auto add_more = [](std::uint64_t& total, std::uint64_t& counted, std::uint64_t bytes) {
      if (bytes > counted) add_size(total, bytes - counted);
      counted = std::max(counted, bytes);
    };
    add_more(report.bytes_present, of_folder.bytes_present, judgement.bytes_present);
    if (!folded) of_folder.bytes_missing = 0;  // each revision lacks files of its own
    add_more(report.bytes_missing, of_folder.bytes_missing, judgement.bytes_missing);
    add_more(report.bytes_reclaimable, of_folder.bytes_reclaimable, judgement.bytes_reclaimable);
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
