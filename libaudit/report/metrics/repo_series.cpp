#include "report/metrics/repo_series.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "base/sum.hpp"
#include "report/repo_name.hpp"

namespace hfaudit::report {
namespace {

using SeverityCounts = std::array<std::uint64_t, 3>;

// A repo may be here twice, in two spellings or folders: one series represents both, with the
// graver verdict and the sum of the bytes.
struct RepoTotals {
  Verdict verdict = Verdict::complete;
  std::uint64_t present = 0, expected = 0;
  bool all_expected = true;
  SeverityCounts findings{};
};

using RepoKey = std::tuple<CacheRef, RepoId>;

std::map<RepoKey, RepoTotals> totals_of(const Report& report) {
  std::map<RepoKey, RepoTotals> repos;
  for (const RepoReport& repo : report.repos) {
    const auto [at, first] = repos.try_emplace({repo.cache_ref, repo.repo});
    RepoTotals& totals = at->second;
    totals.verdict = first ? repo.verdict : std::max(totals.verdict, repo.verdict);
    add_size(totals.present, repo.bytes.present);
    add_size(totals.expected, repo.bytes.expected.value_or(0));
    totals.all_expected = totals.all_expected && repo.bytes.expected.has_value();
  }
  for (const Finding& finding : report.findings) {
    if (!finding.repo) continue;
    const auto at = repos.find({finding.cache_ref, *finding.repo});
    if (at != repos.end()) ++at->second.findings[static_cast<std::size_t>(finding.severity)];
  }
  return repos;
}

Labels labels_of(const RepoKey& key) {
  const auto& [cache_ref, repo] = key;
  return {{"host", cache_ref.host},
          {"node_cache", cache_ref.cache},
          {"repo", repo.id.empty() ? std::string(unnamed_repo) : repo.id},
          {"repo_type", std::string(to_string(repo.type))}};
}

Labels with(Labels labels, std::string_view key, std::string_view value) {
  labels.emplace_back(key, std::string(value));
  return labels;
}

Labels node_labels(const CacheReport& cache) {
  return {{"host", cache.hosts.front()}, {"node_cache", cache.place()}};
}

}  // namespace

void write_nodes(const Report& report, Exposition& out) {
  if (report.caches.empty()) return;
  const bool alone = report.caches.size() == 1;
  std::map<CacheRef, std::array<std::uint64_t, 6>> repos;
  std::map<CacheRef, SeverityCounts> findings;
  for (const RepoReport& repo : report.repos)
    ++repos[repo.cache_ref][static_cast<std::size_t>(repo.verdict)];
  for (const Finding& finding : report.findings)
    ++findings[finding.cache_ref][static_cast<std::size_t>(finding.severity)];
  std::map<CacheRef, std::uint64_t> unreadable;
  for (const Unreadable& one : report.unreadable)
    ++unreadable[alone ? CacheRef{} : one.cache_ref];
  const auto key_of = [&](const CacheReport& cache) {
    return alone ? CacheRef{} : CacheRef{cache.hosts.front(), cache.place()};
  };

  out.gauge("hfaudit_node_repos", "Repos of a merged cache by verdict");
  for (const CacheReport& cache : report.caches) {
    for (std::size_t i = 0; i < 6; ++i)
      out.series(with(node_labels(cache), "verdict", to_string(static_cast<Verdict>(i))),
                 repos[key_of(cache)][i]);
  }
  out.gauge("hfaudit_node_findings", "Findings of a merged cache by severity");
  for (const CacheReport& cache : report.caches) {
    for (const Severity severity : {Severity::error, Severity::warning, Severity::info})
      out.series(with(node_labels(cache), "severity", to_string(severity)),
                 findings[key_of(cache)][static_cast<std::size_t>(severity)]);
  }
  out.gauge("hfaudit_node_present_bytes", "Bytes in a merged cache");
  for (const CacheReport& cache : report.caches)
    out.series(node_labels(cache), cache.bytes_present);
  out.gauge("hfaudit_node_unreadable_paths", "Paths of a merged cache that could not be checked");
  for (const CacheReport& cache : report.caches)
    out.series(node_labels(cache), unreadable[key_of(cache)]);
}

void write_each_repo(const Report& report, Exposition& out) {
  const auto repos = totals_of(report);
  out.gauge("hfaudit_repo_verdict", "1 for the verdict that a repo has");
  for (const auto& [key, totals] : repos)
    out.series(with(labels_of(key), "verdict", to_string(totals.verdict)), std::uint64_t{1});
  out.gauge("hfaudit_repo_present_bytes", "Bytes of a repo that are here");
  for (const auto& [key, totals] : repos)
    out.series(labels_of(key), totals.present);
  out.gauge("hfaudit_repo_expected_bytes", "Bytes that a repo should have, where that is known");
  for (const auto& [key, totals] : repos) {
    if (totals.all_expected) out.series(labels_of(key), totals.expected);
  }
  out.gauge("hfaudit_repo_findings", "Findings of a repo by severity");
  for (const auto& [key, totals] : repos) {
    for (const Severity severity : {Severity::error, Severity::warning, Severity::info})
      out.series(with(labels_of(key), "severity", to_string(severity)),
                 totals.findings[static_cast<std::size_t>(severity)]);
  }
}

}  // namespace hfaudit::report
