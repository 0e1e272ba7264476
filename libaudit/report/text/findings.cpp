// The findings as text. The same thing many times in a repo is one of them and a count; a warning,
// or an error, in many repos is the first of them, a count and one command; information is a count.
// With -v every finding is listed. Idle locks are listed with -v only: nearly each client leaves
// some, and they are harmless.
#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "base/path.hpp"
#include "base/sum.hpp"
#include "base/terminal_text.hpp"
#include "report/advice.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {

std::string wrapped(std::string_view text, std::size_t& column, std::string_view indent,
                    std::size_t width) {
  std::string result;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    auto word = text.substr(0, end);
    const bool too_long = width > indent.size() && columns_of(word) > width - indent.size();
    if (too_long)
      word = word.substr(0, std::max(head_length(word, width - indent.size()), std::size_t{1}));
    text.remove_prefix(std::min(word.size() + (too_long ? 0 : 1), text.size()));
    const auto space = result.empty() ? std::size_t{0} : std::size_t{1};
    const bool at_start = column <= indent.size();
    if (width != 0 && !at_start && column + space + columns_of(word) > width) {
      result.append("\n").append(indent);
      column = indent.size();
    } else if (space != 0) {
      result += ' ';
      ++column;
    }
    result += word;
    column += columns_of(word);
  }
  return result;
}

namespace {

constexpr std::size_t severity_width = 7;                 // "warning"
constexpr std::string_view below_severity = "         ";  // below the text that follows a severity
constexpr std::size_t most_repos = 5;                     // that are shown with the same warning

using Group = std::vector<const Finding*>;

Color color_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Color::bad;
    case Severity::warning:
      return Color::warn;
    case Severity::info:
      return Color::note;
  }
  return Color::bad;
}

bool same_subject(const Finding& a, const Finding& b) {
  return a.severity == b.severity && a.repo == b.repo;
}
bool same_kind(const Finding& a, const Finding& b) {
  return a.id == b.id && a.revision == b.revision;
}

// The findings of one repo and severity, those of one kind together, in the order of their first.
std::vector<Group> groups_of(std::span<const Finding> run, bool fold) {
  std::vector<Group> groups;
  for (const Finding& finding : run) {
    const auto fits = [&finding](const Group& group) { return same_kind(*group.front(), finding); };
    const auto group = fold ? std::find_if(groups.begin(), groups.end(), fits) : groups.end();
    if (group == groups.end()) {
      groups.push_back({&finding});
    } else {
      group->push_back(&finding);
    }
  }
  return groups;
}

// The path, where the sentence omits it.
std::string location_of(const Finding& finding) {
  if (finding.path.empty()) return {};
  const std::string path = printable(finding.path);
  const std::string_view name = last_component(path);
  return finding.message.find(name) == std::string::npos ? path : std::string();
}

void write_group(const Group& group, TextOut& out) {
  const Finding& first = *group.front();
  const std::string severity{to_string(first.severity)};
  const std::string_view id = info_of(first.id).name;
  std::string text = printable(first.message);
  const std::string place = location_of(first);
  const bool named = text.starts_with(printable(first.path));
  if (!first.repo && !named) text = formatted("{}: {}", printable(first.path), text);
  if (first.repo && !place.empty() && out.verbose()) text += formatted(" ({})", place);

  std::string subject = first.repo ? out.fit(name_of(*first.repo), out.width() * 2 / 3) + "  " : "";
  std::size_t column = severity_width + 2 + columns_of(subject);
  std::string line = out.paint(color_of(first.severity), padded(severity, severity_width)) + "  " +
                     out.paint(Color::strong, subject) +
                     wrapped(text, column, below_severity, out.width());
  const std::string mark = formatted("[{}]", id);
  const bool room = out.width() == 0 || column + 1 + mark.size() <= out.width();
  line += room ? " " : "\n" + std::string(below_severity);
  out.line(line + out.paint(Color::faint, mark));
  if (group.size() > 1)
    out.line(formatted("{}and {} more like it", below_severity, grouped(group.size() - 1)));
}

std::size_t number_of(const Finding& finding) {
  return static_cast<std::size_t>(finding.id);
}

// By id.
using GroupCounts =
    std::array<std::size_t, static_cast<std::size_t>(FindingId::unrecognized_entry) + 1>;

// The findings, and each command once in the report, below the last of the groups here that it
// repairs. Always whole, so that it can be pasted.
void write_groups(const Adviser& adviser, const std::vector<Group>& groups, const GroupCounts& many,
                  std::set<std::string>& printed, TextOut& out) {
  std::vector<std::string> commands;
  for (const Group& group : groups) {
    if (many[number_of(*group.front())] > 0) {  // one command for all of them, at the end
      commands.emplace_back();
      continue;
    }
    const auto command = adviser.command(*group.front());
    commands.push_back(command.empty() ? adviser.words(*group.front()) : "run: " + command);
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    write_group(groups[i], out);
    const std::string& command = commands[i];
    const bool again = std::find(commands.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                 commands.end(), command) != commands.end();
    if (command.empty() || again || !printed.insert(command).second) continue;
    out.line(formatted("{}{}", below_severity, command));
  }
}

bool is_idle_lock(const Group& group) {
  return group.front()->id == FindingId::idle_lock;
}

// The findings that are only counted, by id.
struct Folded {
  std::size_t findings = 0;
  std::uint64_t bytes = 0;
};
using FoldedById = std::array<Folded, static_cast<std::size_t>(FindingId::unrecognized_entry) + 1>;

void fold(FoldedById& folded, const Group& group) {
  Folded& row = folded[static_cast<std::size_t>(group.front()->id)];
  row.findings += group.size();
  for (const Finding* finding : group)
    add_size(row.bytes, finding->bytes);
}

void write_folded(const FoldedById& folded, Severity severity, TextOut& out) {
  for (const FindingInfo& info : catalogue()) {
    const Folded& row = folded[static_cast<std::size_t>(info.id)];
    if (row.findings == 0) continue;
    const std::string count = grouped(row.findings) + (severity == Severity::info ? " " : " more ");
    const std::string bytes = row.bytes > 0 ? formatted(", {}", human_bytes(row.bytes)) : "";
    const std::string label = padded(std::string(to_string(severity)), severity_width);
    const std::size_t taken = severity_width + 4 + count.size() + info.name.size() + bytes.size();
    out.line(formatted("{}  {}{}{}  {}", out.paint(color_of(severity), label), count, info.name,
                       bytes, out.paint(Color::faint, out.fit(info.sentence, taken))));
  }
}

// Takes from `groups` the information for which a count is enough; a repo that another one needs
// has to be named.
void fold_counted(std::vector<Group>& groups, FoldedById& folded) {
  std::erase_if(groups, [&](const Group& group) {
    if (group.front()->id == FindingId::missing_dependency) return false;
    fold(folded, group);
    return true;
  });
}

// Takes from `groups` the warnings, and the errors of `many` repos, of which enough have been
// shown.
void fold_repeated(std::vector<Group>& groups, const GroupCounts& many, FoldedById& shown,
                   FoldedById& folded) {
  const auto is_repeated = [&](const Group& group) {
    const Finding& first = *group.front();
    if (first.severity == Severity::error && many[number_of(first)] == 0) return false;
    const bool enough = shown[static_cast<std::size_t>(group.front()->id)].findings >= most_repos;
    fold(enough ? folded : shown, {group.front()});
    if (enough && group.size() > 1) fold(folded, Group(group.begin() + 1, group.end()));
    return enough;
  };
  groups.erase(std::remove_if(groups.begin(), groups.end(), is_repeated), groups.end());
}

// The errors that more than a few repos have, by id: in how many. Where the user named the repos,
// and with -v, none.
GroupCounts errors_in_many_repos(const Report& report, const TextOut& out) {
  GroupCounts counts{};
  if (out.verbose() || !report.asked.repos.empty()) return counts;
  const Finding* before = nullptr;
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::error || !finding.repo) continue;
    const bool same = before != nullptr && before->repo == finding.repo && before->id == finding.id;
    if (!same) ++counts[number_of(finding)];
    before = &finding;
  }
  for (std::size_t& count : counts)
    count = count > few_repos ? count : 0;
  return counts;
}

// "run: hfaudit repair", for the whole cache.
void write_commands_for_all(const Report& report, const Adviser& adviser, const GroupCounts& many,
                            std::set<std::string>& printed, TextOut& out) {
  GroupCounts left = many;
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::error || !finding.repo || left[number_of(finding)] == 0)
      continue;
    left[number_of(finding)] = 0;
    Finding of_all = finding;
    if (!adviser.command(finding).starts_with("sudo ")) of_all.repo.reset();
    const auto command = adviser.command(of_all);
    if (!command.empty() && printed.insert("run: " + command).second)
      out.line(formatted("{}run: {}", below_severity, command));
  }
}

}  // namespace

std::size_t hidden_locks(const Report& report, const TextOut& out) {
  if (out.verbose()) return 0;
  return static_cast<std::size_t>(
      std::count_if(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
        return finding.id == FindingId::idle_lock && finding.severity == Severity::info;
      }));
}

void write_findings(const Report& report, const Tally& tally, TextOut& out) {
  const std::span<const Finding> all{report.findings};
  const Adviser adviser(report);
  std::set<std::string> printed;  // commands
  const GroupCounts many = errors_in_many_repos(report, out);
  for (const Severity severity : {Severity::error, Severity::warning, Severity::info}) {
    if (tally[severity] == 0 || (out.quiet() && severity != Severity::error)) continue;
    const bool count_only = severity == Severity::info && !out.verbose();
    FoldedById shown{}, folded{};
    const bool nothing_shown =
        severity == Severity::info && hidden_locks(report, out) == tally[Severity::info];
    if (nothing_shown) continue;
    if (!count_only || tally[Severity::error] + tally[Severity::warning] == 0) out.gap();

    for (std::size_t begin = 0; begin < all.size();) {
      std::size_t end = begin + 1;
      while (end < all.size() && same_subject(all[begin], all[end]))
        ++end;
      const auto run = all.subspan(begin, end - begin);
      begin = end;
      if (run.front().severity != severity) continue;
      auto groups = groups_of(run, !out.verbose());
      if (!out.verbose()) std::erase_if(groups, is_idle_lock);
      if (count_only) fold_counted(groups, folded);
      if (!out.verbose()) fold_repeated(groups, many, shown, folded);
      write_groups(adviser, groups, severity == Severity::error ? many : GroupCounts{}, printed,
                   out);
    }
    write_folded(folded, severity, out);
    if (severity == Severity::error) write_commands_for_all(report, adviser, many, printed, out);
  }
}

}  // namespace hfaudit::report
