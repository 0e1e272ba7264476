// The table of repos: verdict, name, bytes here, missing files.
#include <algorithm>
#include <vector>

#include "base/format.hpp"
#include "base/terminal_text.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {
namespace {

struct Row {
  Verdict verdict;
  std::string name, size, percent, missing;
  // the same with the number of the shard alone, the longest first; for narrow terminals
  std::vector<std::string> shorter;
};

bool is_healthy(Verdict verdict) {
  return verdict == Verdict::complete || verdict == Verdict::subset;
}

Color color_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
    case Verdict::subset:
      return Color::good;
    case Verdict::in_progress:
      return Color::note;
    case Verdict::unknown:
      return Color::warn;
    case Verdict::incomplete:
    case Verdict::corrupt:
      return Color::bad;
  }
  return Color::bad;
}

// The revision that gave the repo its verdict: of those with the same one, one that a ref names,
// and of these the worst off; else nullptr.
const RevisionReport* decisive(const RepoReport& repo) {
  const RevisionReport* best = nullptr;
  for (const RevisionReport& revision : repo.revisions) {
    if (revision.verdict != repo.verdict) continue;
    if (best == nullptr || (best->detached && !revision.detached)) best = &revision;
  }
  return best;
}

std::string revision_suffix(const RepoReport& repo, const RevisionReport* revision) {
  if (revision == nullptr) return {};
  const bool is_main =
      std::find(revision->refs.begin(), revision->refs.end(), "main") != revision->refs.end();
  const bool alone = repo.revisions.size() == 1;
  if (is_main && alone) return {};
  if (is_main) return is_healthy(repo.verdict) ? "" : "@main";
  if (!revision->refs.empty()) return "@" + revision->refs.front();
  const bool clear = revision->commit.empty() || (alone && is_healthy(repo.verdict));
  return clear ? "" : "@" + revision->commit.substr(0, 8);
}

// Below 100 while anything is missing.
std::string percent_of(const Amount& amount) {
  if (!amount.expected || *amount.expected == 0) return {};
  const double share = static_cast<double>(amount.present) / static_cast<double>(*amount.expected);
  if (amount.present >= *amount.expected) return "100%";
  return formatted("{}%", std::min(99, static_cast<int>(share * 100)));
}

// "…00003-of-00006…", of "model-00003-of-00006.safetensors"; else empty.
std::string shard_number(std::string_view name) {
  constexpr std::string_view digits = "0123456789";
  const auto of = name.rfind("-of-");
  if (of == std::string_view::npos) return {};
  const auto before = name.find_last_not_of(digits, of == 0 ? 0 : of - 1);
  const auto first = before == std::string_view::npos ? 0 : before + 1;
  const auto end = std::min(name.find_first_not_of(digits, of + 4), name.size());
  if (first >= of || end == of + 4) return {};
  return formatted("…{}…", name.substr(first, end - first));
}

std::vector<std::string> shorter_missing(const RevisionReport* revision, std::string_view whole) {
  if (revision == nullptr || revision->missing.empty()) return {};
  const std::string number = shard_number(revision->missing.front());
  if (number.empty()) return {};
  const auto name_end = std::string_view("missing ").size() + revision->missing.front().size();
  const auto rest = whole.substr(std::min(name_end, whole.size()));  // " and 3 more"
  return {formatted("missing {}{}", number, rest), formatted("{}{}", number, rest),
          "missing " + number, number};
}

std::string what_is_missing(const RevisionReport* revision) {
  if (revision == nullptr) return {};
  const auto& names = revision->missing;
  const std::uint64_t expected = revision->files.expected.value_or(0);
  const std::uint64_t absent =
      expected > revision->files.present ? expected - revision->files.present : 0;
  const std::uint64_t total = std::max<std::uint64_t>(absent, names.size());
  if (total == 0) return {};
  if (names.empty()) return counted(total, "file") + " missing";
  if (total == 1) return "missing " + names.front();
  return formatted("missing {} and {} more", names.front(), grouped(total - 1));
}

Row row_of(const RepoReport& repo) {
  const RevisionReport* revision = decisive(repo);
  const bool whole = is_healthy(repo.verdict) || repo.bytes.expected.value_or(0) == 0;
  Row row{repo.verdict, printable(name_of(repo.repo) + revision_suffix(repo, revision)),
          {},           {},
          {},           {}};
  row.size = human_bytes(repo.bytes.present);
  if (!whole) row.size.append(" of ").append(human_bytes(*repo.bytes.expected));
  if (!whole) row.percent = percent_of(repo.bytes);
  if (repo.verdict != Verdict::complete) row.missing = what_is_missing(revision);
  row.shorter = shorter_missing(revision, row.missing);
  return row;
}

struct RepoWidths {
  std::size_t verdict = 0, name = 0, size = 0, percent = 0;
};

RepoWidths widths_of(const std::vector<Row>& rows, std::size_t limit) {
  RepoWidths widths;
  for (const Row& row : rows) {
    widths.verdict = std::max(widths.verdict, to_string(row.verdict).size());
    widths.name = std::max(widths.name, columns_of(row.name));
    widths.size = std::max(widths.size, row.size.size());
    widths.percent = std::max(widths.percent, row.percent.size());
  }
  // A name may use the width beside the numbers, less some room for the missing files.
  if (limit > 0) {
    constexpr std::size_t for_missing = 24, least_name = 16, gaps_width = 8;
    const std::size_t taken =
        widths.verdict + widths.size + widths.percent + for_missing + gaps_width;
    widths.name = std::min(widths.name, limit > taken + least_name ? limit - taken : least_name);
  }
  return widths;
}

void write_row(const Row& row, const RepoWidths& widths, TextOut& out) {
  std::string line =
      out.paint(color_of(row.verdict), padded(std::string(to_string(row.verdict)), widths.verdict));
  line.append("  ").append(
      out.paint(Color::strong, padded(cut_middle(row.name, widths.name), widths.name)));
  line += formatted("  {:>{}}", row.size, widths.size);
  if (widths.percent > 0) line += formatted("  {:>{}}", row.percent, widths.percent);
  const std::size_t gaps = widths.percent > 0 ? 8 : 6;
  const std::size_t taken = widths.verdict + widths.name + widths.size + widths.percent + gaps;
  constexpr std::size_t least_room = 12;  // with less room the missing files are illegible
  const bool room = out.width() == 0 || out.width() >= taken + least_room;
  if (!row.missing.empty() && room) {
    // The number tells one shard from the others.
    const auto fits = [&](const std::string& text) {
      return out.width() == 0 || taken + columns_of(printable(text)) <= out.width();
    };
    const auto shorter = fits(row.missing)
                             ? row.shorter.end()
                             : std::find_if(row.shorter.begin(), row.shorter.end(), fits);
    line.append("  ").append(shorter != row.shorter.end() ? printable(*shorter)
                                                          : out.fit(row.missing, taken));
  }
  while (line.ends_with(' '))
    line.pop_back();
  out.line(line);
}

void write_hidden(std::size_t repos, TextOut& out) {
  out.line(out.paint(Color::faint,
                     formatted("and {} more damaged repos (-v lists them)", grouped(repos))));
}

}  // namespace

void write_repos(const Report& report, const Tally& tally, TextOut& out) {
  const std::size_t healthy = tally[Verdict::complete] + tally[Verdict::subset];
  const bool list_healthy = out.verbose() || (!out.quiet() && healthy <= few_repos);

  std::vector<Row> rows;
  for (const RepoReport& repo : report.repos) {
    if (list_healthy || !is_healthy(repo.verdict)) rows.push_back(row_of(repo));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.verdict > b.verdict; });
  const auto damaged = static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const Row& row) { return !is_healthy(row.verdict); }));
  const bool too_many = !out.verbose() && report.asked.repos.empty() && damaged > few_repos;
  const std::size_t hidden = too_many ? damaged - few_repos : 0;
  // the damaged ones come first
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(damaged - hidden),
             rows.begin() + static_cast<std::ptrdiff_t>(damaged));
  const RepoWidths widths = widths_of(rows, out.width());

  if (!rows.empty()) out.gap();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (hidden > 0 && i == few_repos) write_hidden(hidden, out);
    write_row(rows[i], widths, out);
  }
  if (hidden > 0 && rows.size() == few_repos) write_hidden(hidden, out);
  if (list_healthy || out.quiet() || healthy == 0) return;
  if (rows.empty()) out.gap();
  std::string counts;
  if (tally[Verdict::complete] > 0) counts = grouped(tally[Verdict::complete]) + " complete";
  if (tally[Verdict::subset] > 0)
    counts += (counts.empty() ? "" : ", ") + grouped(tally[Verdict::subset]) + " subset";
  out.line(out.paint(Color::faint, counts + " (-v lists them)"));
}

}  // namespace hfaudit::report
