// compare_with(): the findings of two reports are matched; the rest is new, or gone if this run
// searched for it.
#include <algorithm>
#include <map>
#include <utility>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "compare/cache_numbers.hpp"
#include "compare/compare_repos.hpp"
#include "compare/coverage.hpp"
#include "compare/same_finding.hpp"
#include "hfaudit/render.hpp"
#include "hfaudit/since.hpp"

namespace hfaudit {
namespace {

constexpr std::size_t most_named = 5;  // in a note

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i)
    text += (i == 0 ? "" : ", ") + printable(names[i]);
  if (names.size() > most_named) text += formatted(" and {} more", names.size() - most_named);
  return text;
}

Result<void> check_same_cache(const CacheNumbers& caches, const std::string& file) {
  if (caches.any_shared()) return {};
  return failure("compare with", file,
                 formatted("it is of another cache: {}; this is {}", listed(caches.only_past),
                           listed(caches.only_now)));
}

// Why the earlier report covers less than this one.
void note_earlier(Since& since, const PastReport& past, const Report& now) {
  const auto note = [&since](std::string text) { since.notes.push_back(std::move(text)); };
  const Report& report = past.report;
  if (!past.exit_code)
    note("the earlier report breaks off; findings after its end count as new");
  else if (was_interrupted(*past.exit_code))
    note("the earlier run was interrupted; findings beyond its end count as new");
  if (!report.unreadable.empty())
    note("the earlier run could not read everything; findings in those paths count as new");
  if (!report.asked.repos.empty() && report.asked.repos != now.asked.repos)
    note("the earlier report is only of " + listed(report.asked.repos) +
         "; findings in other repos count as new");
  const bool filtered = !report.asked.include.empty() || !report.asked.exclude.empty();
  const bool other_files =
      report.asked.include != now.asked.include || report.asked.exclude != now.asked.exclude;
  if (filtered && other_files)
    note("the earlier report is only of some files; findings in other files count as new");
  if (now.verified && !report.verified && report.sources.empty())
    note("the earlier run read no content; damage in content counts as new");
  if (report.sources.empty() && now.sources.empty() && report.host != now.host)
    note("the earlier report was made on " +
         (report.host.empty() ? "an unnamed host" : printable(report.host)));
  if (report.started_at > now.started_at)
    note("the earlier report is younger than this one: " + utc(report.started_at));
}

void note_caches(Since& since, const CacheNumbers& caches) {
  if (!caches.only_past.empty())
    since.notes.push_back("only in the earlier report: " + listed(caches.only_past));
  if (!caches.only_now.empty())
    since.notes.push_back("not in the earlier report: " + listed(caches.only_now));
}

void compare_all_findings(Since& since, const Report& now, const Report& past,
                          const CacheNumbers& caches, const Coverage& coverage) {
  std::vector<bool> matched(past.findings.size(), false);
  const auto same = match_findings(now, past, caches);
  for (std::size_t i = 0; i < same.size(); ++i) {
    FindingChange change{Change::added, {}};
    if (same[i]) {
      matched[*same[i]] = true;
      const Finding& before = past.findings[*same[i]];
      change.change = compare_findings(now.findings[i], before);
      if (change.change != Change::same) change.was = before.message;
    }
    since.findings.push_back(std::move(change));
  }
  for (std::size_t i = 0; i < matched.size(); ++i) {
    if (matched[i]) continue;
    if (coverage.covers(past.findings[i])) {
      since.gone.push_back(past.findings[i]);
    } else {
      ++since.unchecked;
    }
  }
}

// The findings of a repo that got worse.
struct WorseRepo {
  const RepoChange* change = nullptr;
  std::vector<std::size_t> same_errors;
  bool explained = false;  // by an error that is new or worse
};

// A repo that got worse while its findings are the old ones: they are worse.
void mark_worse_repos(Since& since, const Report& report) {
  std::map<std::pair<CacheRef, RepoId>, WorseRepo> repos;
  for (const RepoChange& repo : since.repos) {
    if (repo.change == Change::worse) repos[{repo.cache_ref, repo.repo}].change = &repo;
  }
  for (std::size_t i = 0; i < report.findings.size() && !repos.empty(); ++i) {
    const Finding& finding = report.findings[i];
    if (finding.severity != Severity::error || !finding.repo) continue;
    const auto repo = repos.find({finding.cache_ref, *finding.repo});
    if (repo == repos.end()) continue;
    const Change change = since.findings[i].change;
    if (change == Change::added || change == Change::worse) repo->second.explained = true;
    if (change == Change::same) repo->second.same_errors.push_back(i);
  }
  for (const auto& [key, repo] : repos) {
    if (repo.explained) continue;
    for (const std::size_t i : repo.same_errors) {
      since.findings[i] = {Change::worse,
                           formatted("the repo was {}, with {} here", to_string(*repo.change->was),
                                     human_bytes(repo.change->bytes_was))};
    }
  }
}

}  // namespace

Result<void> check_comparable(const Report& asked, const EarlierReport& earlier) {
  if (!earlier.past || place_of(asked).empty()) return {};
  return check_same_cache(CacheNumbers(asked, earlier.past->report), earlier.file);
}

Result<void> compare_with(Report& report, EarlierReport earlier, ExitCode code) {
  Since since;
  since.file = std::move(earlier.file);
  since.absent = !earlier.past;
  if (since.absent) {
    since.findings.assign(report.findings.size(), {Change::added, {}});
    since.repos = all_new_repos(report);
    report.since = std::move(since);
    return {};
  }
  const Report& past = earlier.past->report;
  const CacheNumbers caches(report, past);
  if (auto same = check_same_cache(caches, since.file); !same) return same;
  since.command = past.command;
  since.host = past.host;
  since.started_at = past.started_at;
  note_earlier(since, *earlier.past, report);
  note_caches(since, caches);
  const Coverage coverage(report, past, caches, was_interrupted(code));
  compare_all_findings(since, report, past, caches, coverage);
  since.repos = compare_repos(report, past, caches, coverage);
  mark_worse_repos(since, report);
  report.since = std::move(since);
  return {};
}

}  // namespace hfaudit
