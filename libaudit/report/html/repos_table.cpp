// All repos in a table, the worst first.
#include <algorithm>
#include <vector>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/html/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_repo_rows = 3000;

// The revision that gave the repo its verdict, by the first ref that names it.
std::string revision_text(const RepoReport& repo) {
  const auto same = [&repo](const RevisionReport& one) { return one.verdict == repo.verdict; };
  const auto at = std::find_if(repo.revisions.begin(), repo.revisions.end(), same);
  if (at == repo.revisions.end()) return {};
  constexpr std::size_t short_commit = 8;
  return at->refs.empty() ? html_text(at->commit.substr(0, short_commit))
                          : html_text(at->refs.front());
}

void write_repo_row(const RepoReport& repo, const Sink& out) {
  const std::uint64_t expected = repo.bytes.expected.value_or(repo.bytes.present);
  const std::uint64_t missing =
      is_damaged(repo) && expected > repo.bytes.present ? expected - repo.bytes.present : 0;
  out(
      formatted("<tr><td data-n=\"{}\"><span class=\"v{}\">{}</span></td>"
                "<th scope=\"row\">{}</th><td>{}</td><td data-n=\"{}\">{}</td>"
                "<td data-n=\"{}\">{}</td><td>{}</td></tr>\n",
                static_cast<int>(repo.verdict), class_of(repo.verdict), verdict_text(repo.verdict),
                title_of(repo.repo, repo.cache_ref), revision_text(repo), repo.bytes.present,
                human_bytes(repo.bytes.present), missing, missing > 0 ? human_bytes(missing) : "",
                to_string(repo.basis)));
}

}  // namespace

void write_html_repos(const Report& report, const Sink& out) {
  if (report.repos.empty()) return;
  std::vector<const RepoReport*> repos;
  for (const RepoReport& repo : report.repos)
    repos.push_back(&repo);
  std::stable_sort(repos.begin(), repos.end(), [](const RepoReport* a, const RepoReport* b) {
    return a->verdict > b->verdict;
  });
  begin_section("repos", formatted("Repos ({})", grouped(repos.size())), out);
  out("<table class=\"sort filter\">\n<caption>All repos, the worst first</caption>\n<thead><tr>"
      "<th scope=\"col\">Verdict</th><th scope=\"col\">Repo</th><th scope=\"col\">Revision</th>"
      "<th scope=\"col\">Here</th><th scope=\"col\">Missing</th><th scope=\"col\">Basis</th>"
      "</tr></thead>\n<tbody>\n");
  const std::size_t shown = std::min(repos.size(), most_repo_rows);
  for (std::size_t i = 0; i < shown; ++i)
    write_repo_row(*repos[i], out);
  out("</tbody>\n</table>\n");
  if (shown < repos.size())
    out(formatted("<p>And {}, which a report of <code>--format json</code> lists.</p>\n",
                  counted(repos.size() - shown, "more repo")));
  end_section(out);
}

}  // namespace hfaudit::report
