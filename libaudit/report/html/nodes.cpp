// Of a merged report: the nodes, and a grid of repos by nodes that shows which node differs. A node
// differs if its commit, files or bytes deviate from those of most nodes.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "report/html/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t most_cells = 8000;

// The state that two nodes must have in common.
using HeldState = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // commit, files, bytes

struct GridRow {
  RepoId repo;
  std::vector<const RepoReport*> cells;  // by node; null: absent
  HeldState usual;                       // of most nodes
  bool differs = false;
  Verdict worst = Verdict::complete;
};

// The revision that clients load by default, else the first that a ref names.
const RevisionReport* main_revision(const RepoReport& repo) {
  const RevisionReport* named = nullptr;
  for (const RevisionReport& one : repo.revisions) {
    if (std::find(one.refs.begin(), one.refs.end(), "main") != one.refs.end()) return &one;
    if (named == nullptr || (named->refs.empty() && !one.refs.empty())) named = &one;
  }
  return named;
}

HeldState state_of(const RepoReport& repo) {
  const RevisionReport* revision = main_revision(repo);
  if (revision == nullptr) return {};
  return {revision->commit, revision->files.present, revision->bytes.present};
}

std::map<CacheRef, std::size_t> node_columns(const Report& report) {
  std::map<CacheRef, std::size_t> columns;
  for (std::size_t i = 0; i < report.caches.size(); ++i)
    columns.emplace(CacheRef{report.caches[i].hosts.front(), report.caches[i].place()}, i);
  return columns;
}

void find_usual(GridRow& row) {
  std::map<HeldState, std::size_t> counts;
  for (const RepoReport* cell : row.cells) {
    if (cell == nullptr) {
      row.differs = true;
      continue;
    }
    ++counts[state_of(*cell)];
    row.worst = std::max(row.worst, cell->verdict);
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != counts.end()) row.usual = most->first;
  row.differs = row.differs || counts.size() > 1;
}

std::vector<GridRow> rows_of(const Report& report) {
  const auto columns = node_columns(report);
  std::map<RepoId, GridRow> by_repo;
  for (const RepoReport& repo : report.repos) {
    const auto column = columns.find(repo.cache_ref);
    if (column == columns.end()) continue;
    GridRow& row = by_repo[repo.repo];
    row.repo = repo.repo;
    row.cells.resize(report.caches.size());
    // in two spellings or folders: the graver verdict represents both
    const RepoReport*& cell = row.cells[column->second];
    if (cell == nullptr || repo.verdict > cell->verdict) cell = &repo;
  }
  std::vector<GridRow> rows;
  for (auto& [id, row] : by_repo) {
    find_usual(row);
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const GridRow& a, const GridRow& b) {
    return std::tuple(!a.differs, -static_cast<int>(a.worst)) <
           std::tuple(!b.differs, -static_cast<int>(b.worst));
  });
  return rows;
}

std::string cell_of(const GridRow& row, const RepoReport* repo) {
  if (repo == nullptr) return "<td class=\"d\">–</td>";
  const HeldState state = state_of(*repo);
  std::string text = formatted("<td class=\"g{}{}\">{}", class_of(repo->verdict),
                               state != row.usual ? " d" : "", sign_of(repo->verdict));
  constexpr std::size_t short_commit = 7;
  if (std::get<0>(state) != std::get<0>(row.usual))
    text += formatted(" ≠ <code>{}</code>", html_text(std::get<0>(state).substr(0, short_commit)));
  else if (state != row.usual)
    text += formatted(" ≠ {}", human_bytes(std::get<2>(state)));
  return text + "</td>";
}

// Places are named where nodes have several.
std::vector<std::string> node_names(const Report& report) {
  std::set<std::string> places;
  for (const CacheReport& cache : report.caches)
    places.insert(cache.place());
  std::vector<std::string> names;
  for (const CacheReport& cache : report.caches) {
    std::string name = cache.hosts.front().empty() ? "(unnamed)" : html_text(cache.hosts.front());
    if (cache.hosts.size() > 1) name += formatted(" and {} more", cache.hosts.size() - 1);
    if (places.size() > 1) name += " " + html_text(cache.place());
    names.push_back(std::move(name));
  }
  return names;
}

void write_grid(const Report& report, const std::vector<GridRow>& rows, std::size_t shown,
                const Sink& out) {
  out("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Repos by nodes\">\n"
      "<table class=\"sort grid\">\n<caption>Repos by nodes: ✓ complete, ◐ subset, ↻ in progress, "
      "? unknown, ▲ incomplete, ✗ corrupt, – not there, ≠ not what most nodes have</caption>\n"
      "<thead><tr><th scope=\"col\">Repo</th><th scope=\"col\">Nodes</th>");
  for (const std::string& name : node_names(report))
    out("<th scope=\"col\">" + name + "</th>");
  out("</tr></thead>\n<tbody>\n");
  for (std::size_t i = 0; i < shown; ++i) {
    const GridRow& row = rows[i];
    out(formatted("<tr><th scope=\"row\">{}</th><td data-n=\"{}\">{}</td>", title_of(row.repo, {}),
                  row.differs ? 0 : 1, row.differs ? "≠ differ" : "alike"));
    for (const RepoReport* cell : row.cells)
      out(cell_of(row, cell));
    out("</tr>\n");
  }
  out("</tbody>\n</table>\n</div>\n");
}

}  // namespace

void write_html_nodes(const Report& report, const Sink& out) {
  if (report.caches.size() < 2) return;
  const auto rows = rows_of(report);
  const auto differing =
      std::count_if(rows.begin(), rows.end(), [](const GridRow& row) { return row.differs; });
  begin_section("nodes", formatted("Nodes ({})", grouped(report.caches.size())), out);
  out(differing == 0
          ? std::string("<p>All nodes have the same repos, commits and files.</p>\n")
          : formatted("<p>{} not the same on all nodes.</p>\n",
                      differing == 1
                          ? "1 repo is"
                          : counted(static_cast<std::uint64_t>(differing), "repo") + " are"));
  const std::size_t shown =
      std::min(rows.size(), std::max<std::size_t>(1, most_cells / report.caches.size()));
  write_grid(report, rows, shown, out);
  if (shown < rows.size())
    out(formatted("<p>And {}; those that differ or are damaged come first.</p>\n",
                  counted(rows.size() - shown, "more repo")));
  end_section(out);
}

}  // namespace hfaudit::report
