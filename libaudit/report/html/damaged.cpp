// The damaged repos, the worst first: the defects of each, and the command to run.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/advice.hpp"
#include "report/html/finding_groups.hpp"
#include "report/html/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_damaged = 300;  // repos that are shown one by one
constexpr std::size_t most_reasons = 6;    // of one repo

using NodeRepo = std::pair<CacheRef, RepoId>;

std::vector<const RepoReport*> damaged_repos(const Report& report) {
  std::vector<const RepoReport*> repos;
  for (const RepoReport& repo : report.repos) {
    if (is_damaged(repo)) repos.push_back(&repo);
  }
  std::stable_sort(repos.begin(), repos.end(), [](const RepoReport* a, const RepoReport* b) {
    return a->verdict > b->verdict;
  });
  return repos;
}

void write_share(const RepoReport& repo, const Sink& out) {
  out("<p>" + amount_text(repo));
  const auto expected = repo.bytes.expected;
  if (expected && *expected > 0) {
    constexpr double whole = 100;
    const double share = std::min(
        whole, whole * static_cast<double>(repo.bytes.present) / static_cast<double>(*expected));
    out(
        formatted(" <meter aria-label=\"share that is here\" min=\"0\" max=\"100\" "
                  "value=\"{:.0f}\"></meter> {:.0f} %",
                  share, repo.bytes.present < *expected ? std::min(share, 99.0) : share));
  }
  out("</p>\n");
}

void write_reasons(const std::vector<FindingGroup>& groups, const Adviser& adviser,
                   const Sink& out) {
  std::vector<std::string> commands;
  out("<ul>\n");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Finding& finding = *groups[i].first;
    std::string command = adviser.command(finding);
    if (command.empty()) command = adviser.words(finding);
    if (!command.empty() && std::find(commands.begin(), commands.end(), command) == commands.end())
      commands.push_back(std::move(command));
    if (i >= most_reasons) continue;
    out(formatted(
        "<li><span class=\"{}\">{}</span> {}{} <code>{}</code></li>\n", to_string(finding.severity),
        to_string(finding.severity), html_text(finding.message),
        groups[i].count > 1 ? formatted(", and {} more like it", grouped(groups[i].count - 1)) : "",
        info_of(finding.id).name));
  }
  if (groups.size() > most_reasons)
    out(formatted("<li>and {} more</li>\n", counted(groups.size() - most_reasons, "kind")));
  out("</ul>\n");
  for (const std::string& command : commands)
    out(formatted("<p>Run: <code class=\"run\">{}</code></p>\n", html_text(command)));
}

}  // namespace

void write_html_damaged(const Report& report, const Sink& out) {
  const auto repos = damaged_repos(report);
  if (repos.empty()) return;
  std::map<NodeRepo, std::vector<FindingGroup>> reasons;
  for (const FindingGroup& group : html_groups_of(report, Severity::warning, Severity::error)) {
    if (group.first->repo) reasons[{group.first->cache_ref, *group.first->repo}].push_back(group);
  }
  const Adviser adviser(report);
  begin_section("damaged", formatted("Damaged repos ({})", grouped(repos.size())), out);
  const std::size_t shown = std::min(repos.size(), most_damaged);
  for (std::size_t i = 0; i < shown; ++i) {
    const RepoReport& repo = *repos[i];
    out(formatted("<article>\n<h3><span class=\"v{}\">{}</span> {}</h3>\n", class_of(repo.verdict),
                  verdict_text(repo.verdict), title_of(repo.repo, repo.cache_ref)));
    write_share(repo, out);
    const auto known = reasons.find({repo.cache_ref, repo.repo});
    if (known != reasons.end()) write_reasons(known->second, adviser, out);
    out("</article>\n");
  }
  if (shown < repos.size())
    out(formatted("<p>And {} in the table of repos.</p>\n",
                  counted(repos.size() - shown, "more damaged repo")));
  end_section(out);
}

}  // namespace hfaudit::report
