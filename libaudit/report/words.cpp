// The words of reports: verdicts, bases, repair groups, outcomes; and the exit code that goes with
// them.
#include <algorithm>
#include <array>

#include "hfaudit/repair.hpp"
#include "hfaudit/report.hpp"

namespace hfaudit {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "complete";
    case Verdict::subset:
      return "subset";
    case Verdict::in_progress:
      return "in-progress";
    case Verdict::unknown:
      return "unknown";
    case Verdict::incomplete:
      return "incomplete";
    case Verdict::corrupt:
      return "corrupt";
  }
  return "unknown";
}

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::lock:
      return "lock";
    case Basis::hub:
      return "hub";
    case Basis::source:
      return "source";
    case Basis::tree:
      return "tree";
    case Basis::index:
      return "index";
    case Basis::shard_names:
      return "shard-names";
    case Basis::structure:
      return "structure";
    case Basis::links:
      return "links";
  }
  return "links";
}

std::string_view to_string(Change change) {
  switch (change) {
    case Change::same:
      return "same";
    case Change::added:
      return "new";
    case Change::worse:
      return "worse";
    case Change::better:
      return "better";
    case Change::gone:
      return "gone";
  }
  return {};
}

std::string_view to_string(RepairGroup group) {
  switch (group) {
    case RepairGroup::ownership:
      return "ownership";
    case RepairGroup::locks:
      return "locks";
    case RepairGroup::partials:
      return "partials";
    case RepairGroup::entries:
      return "entries";
    case RepairGroup::refs:
      return "refs";
    case RepairGroup::content:
      return "content";
    case RepairGroup::orphans:
      return "orphans";
  }
  return {};
}

std::optional<RepairGroup> parse_repair_group(std::string_view text) {
  using enum RepairGroup;
  for (const auto group : std::array{ownership, locks, partials, entries, refs, content, orphans}) {
    if (to_string(group) == text) return group;
  }
  return std::nullopt;
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::skipped:
      return "skipped";
    case Outcome::failed:
      return "failed";
  }
  return {};
}

namespace {

// A named repo without a verdict, or an unmounted folder.
bool is_unknown(const Report& report) {
  const bool unreachable =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& finding) { return finding.id == FindingId::unreachable_repo; });
  const bool named =
      !report.asked.repos.empty() ||
      std::any_of(report.scanned.begin(), report.scanned.end(),
                  [](const ScannedLocation& place) { return place.what == "local-dir"; });
  const auto is_unknown_repo = [](const RepoReport& repo) {
    return repo.verdict == Verdict::unknown;
  };
  return unreachable ||
         (named && std::any_of(report.repos.begin(), report.repos.end(), is_unknown_repo));
}

// Whether a finding is new or worse, for --only-new.
bool counts(const Report& report, std::size_t finding) {
  if (!report.since || !report.since->only_new || finding >= report.since->findings.size())
    return true;
  const Change change = report.since->findings[finding].change;
  return change == Change::added || change == Change::worse;
}

}  // namespace

const RevisionReport* find_revision(const Report& report, const RepoId& repo,
                                    const std::string& commit) {
  for (const auto& one : report.repos) {
    if (one.repo != repo) continue;
    for (const auto& revision : one.revisions) {
      if (revision.commit == commit) return &revision;
    }
  }
  return nullptr;
}

ExitCode exit_code_for(const Report& report, FailOn fail_on) {
  // Unreadable paths outweigh damage: such a verdict stays unknown for every --fail-on.
  const auto refused = [](const Unreadable& place) { return place.refused; };
  if (std::any_of(report.unreadable.begin(), report.unreadable.end(), refused))
    return ExitCode::refused;
  if (!report.unreadable.empty() || is_unknown(report)) return ExitCode::incomplete;
  if (!report.not_found.empty()) return ExitCode::usage;
  if (fail_on == FailOn::never) return ExitCode::ok;
  const Severity least = fail_on == FailOn::warning ? Severity::warning : Severity::error;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.findings[i].severity >= least && counts(report, i)) return ExitCode::damage;
  }
  return ExitCode::ok;
}

}  // namespace hfaudit
