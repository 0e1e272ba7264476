// The cache as a treemap: a box for each repo, as large as its bytes, filled by its verdict.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/format.hpp"
#include "base/numbers.hpp"
#include "base/sum.hpp"
#include "base/terminal_text.hpp"
#include "report/html/parts.hpp"
#include "report/html/treemap.hpp"
#include "report/repo_name.hpp"

namespace hfaudit::report {
namespace {

constexpr TreemapBox frame{0, 0, 1000, 380};
constexpr std::size_t most_healthy_boxes = 300, most_damaged_boxes = 150;
constexpr double least_damaged_share = 0.002;  // of the frame: a small damaged repo is visible, too
constexpr double letter_width = 7.4, line_height = 15, padding = 4;

struct TreemapItem {
  Verdict verdict = Verdict::complete;
  std::string label, size;  // in words
  double area = 0;
};

struct RepoGroup {
  std::size_t repos = 0;
  std::uint64_t bytes = 0;
};

std::vector<const RepoReport*> by_size(const Report& report) {
  std::vector<const RepoReport*> repos;
  for (const RepoReport& repo : report.repos)
    repos.push_back(&repo);
  std::stable_sort(repos.begin(), repos.end(), [](const RepoReport* a, const RepoReport* b) {
    return a->bytes.present > b->bytes.present;
  });
  return repos;
}

// The largest repos one by one, the rest in one box a verdict.
std::vector<TreemapItem> items_of(const Report& report) {
  std::vector<TreemapItem> items;
  std::array<RepoGroup, 6> rest{};
  double total = 0;
  for (const RepoReport& repo : report.repos)
    total += static_cast<double>(repo.bytes.present);
  std::size_t healthy = 0, damaged = 0;
  for (const RepoReport* repo : by_size(report)) {
    const bool bad = is_damaged(*repo);
    const bool alone = bad ? damaged++ < most_damaged_boxes : healthy++ < most_healthy_boxes;
    if (!alone) {
      RepoGroup& group = rest[static_cast<std::size_t>(repo->verdict)];
      ++group.repos;
      add_size(group.bytes, repo->bytes.present);
      continue;
    }
    const double bytes = static_cast<double>(repo->bytes.present);
    const double least = bad ? std::max(total, 1.0) * least_damaged_share : 0;
    const std::string node = repo->cache_ref.host.empty() ? "" : " on " + repo->cache_ref.host;
    items.push_back(
        {repo->verdict, name_of(repo->repo) + node, amount_text(*repo), std::max(bytes, least)});
  }
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i].repos == 0) continue;
    const auto verdict = static_cast<Verdict>(i);
    items.push_back({verdict,
                     counted(rest[i].repos, "more repo") + ", " + std::string(to_string(verdict)),
                     human_bytes(rest[i].bytes), static_cast<double>(rest[i].bytes)});
  }
  std::erase_if(items, [](const TreemapItem& item) { return item.area <= 0; });
  std::stable_sort(items.begin(), items.end(),
                   [](const TreemapItem& a, const TreemapItem& b) { return a.area > b.area; });
  return items;
}

std::string number(double value) {
  return formatted("{:.1f}", value);
}

// The name, and below it the size, where there is room for them.
void write_label(const TreemapItem& item, const TreemapBox& box, const Sink& out) {
  constexpr double least_columns = 8;
  const double room = (box.width - 2 * padding) / letter_width;
  // A negative room is invalid as std::size_t, so it is compared before the cast.
  if (!(room >= least_columns) || box.height < line_height + padding) return;
  const auto columns = static_cast<std::size_t>(room);
  const std::string name =
      cut_middle(formatted("{} {}", sign_of(item.verdict), printable(item.label)), columns);
  const auto line = [&](double down, std::string_view text) {
    out(formatted("<text class=\"t{}\" x=\"{}\" y=\"{}\">{}</text>", class_of(item.verdict),
                  number(box.x + padding), number(box.y + down), html_text(text)));
  };
  line(line_height - 2, name);
  if (box.height >= 2 * line_height + padding && item.size.size() <= columns)
    line(2 * line_height - 2, item.size);
}

void write_box(const TreemapItem& item, const TreemapBox& box, const Sink& out) {
  out(
      formatted("<rect class=\"b{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}: {}, "
                "{}</title></rect>",
                class_of(item.verdict), number(box.x), number(box.y), number(box.width),
                number(box.height), html_text(item.label), to_string(item.verdict), item.size));
  write_label(item, box, out);
  out("\n");
}

// Hatches distinguish the verdicts without colour.
constexpr std::string_view patterns =
    "<defs>\n"
    "<pattern id=\"hi\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
    "<rect class=\"fi\" width=\"8\" height=\"8\"/>"
    "<path class=\"li\" d=\"M-2 2l4-4M0 8l8-8M6 10l4-4\"/></pattern>\n"
    "<pattern id=\"hx\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
    "<rect class=\"fx\" width=\"8\" height=\"8\"/>"
    "<path class=\"lx\" d=\"M0 8l8-8M0 0l8 8\"/></pattern>\n"
    "<pattern id=\"hu\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
    "<rect class=\"fu\" width=\"8\" height=\"8\"/>"
    "<path class=\"lu\" d=\"M4 0v8\"/></pattern>\n"
    "<pattern id=\"hp\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
    "<rect class=\"fp\" width=\"8\" height=\"8\"/>"
    "<path class=\"lp\" d=\"M0 4h8\"/></pattern>\n"
    "</defs>\n";

void write_legend(const Tally& tally, const Sink& out) {
  out("<ul class=\"legend\">\n");
  for (const Verdict verdict : {Verdict::corrupt, Verdict::incomplete, Verdict::unknown,
                                Verdict::in_progress, Verdict::subset, Verdict::complete}) {
    if (tally[verdict] == 0) continue;
    out(
        formatted("<li><svg class=\"key\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><rect "
                  "class=\"b{}\" width=\"16\" height=\"16\"/></svg> {} ({})</li>\n",
                  class_of(verdict), verdict_text(verdict), grouped(tally[verdict])));
  }
  out("</ul>\n");
}

}  // namespace

void write_html_treemap(const Report& report, const Sink& out) {
  const auto items = items_of(report);
  if (items.empty()) return;
  std::vector<double> sizes;
  for (const TreemapItem& item : items)
    sizes.push_back(item.area);
  const auto boxes = squarified(sizes, frame);
  begin_section("space", "Space by repo", out);
  out(
      formatted("<svg class=\"map\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
                "aria-label=\"Treemap of {}; the table of repos has the same in words\">\n",
                frame.width, frame.height, counted(report.repos.size(), "repo")));
  out(patterns);
  for (std::size_t i = 0; i < items.size(); ++i)
    write_box(items[i], boxes[i], out);
  out("</svg>\n");
  write_legend(tally_of(report), out);
  out("<p class=\"faint\">The area is what is on disk; damaged repos are drawn large enough to be "
      "seen.</p>\n");
  end_section(out);
}

}  // namespace hfaudit::report
