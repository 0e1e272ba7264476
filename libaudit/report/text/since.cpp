// New findings since an earlier report, before everything else.
#include <algorithm>
#include <set>

#include "base/format.hpp"
#include "base/terminal_text.hpp"
#include "report/advice.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t label_width = 6;  // "better"
constexpr std::size_t most_lines = 20;  // of findings, and of repos, without -v

Color color_of(Change change) {
  switch (change) {
    case Change::added:
    case Change::worse:
      return Color::bad;
    case Change::better:
    case Change::gone:
      return Color::good;
    case Change::same:
      return Color::faint;
  }
  return Color::faint;
}

std::string label_of(Change change, const TextOut& out) {
  return out.paint(color_of(change), padded(std::string(to_string(change)), label_width));
}

std::string counts_in_words(const Report& report) {
  const ChangeTally tally = change_tally_of(report);
  std::string text;
  for (const Change change : {Change::added, Change::worse, Change::better, Change::gone}) {
    if (tally[change] == 0) continue;
    text +=
        formatted("{}{} {}", text.empty() ? "" : ", ", grouped(tally[change]), to_string(change));
  }
  return text.empty() ? "nothing" : text;
}

std::string node_of(const CacheRef& cache_ref) {
  return cache_ref.host.empty() ? "" : " on " + printable(cache_ref.host);
}

void write_finding(Change change, const Finding& finding, const std::string& was, TextOut& out) {
  const std::string subject = finding.repo ? name_of(*finding.repo) : finding.path;
  const std::string id(info_of(finding.id).name);
  std::string text = formatted("{}{}  {}", printable(subject), node_of(finding.cache_ref),
                               printable(finding.message));
  if (!was.empty()) text += formatted(" (before: {})", printable(was));
  const std::size_t taken = 2 + label_width + 2 + 7 + 2 + id.size() + 3;
  out.line(formatted("  {}  {}  {} {}", label_of(change, out),
                     padded(std::string(to_string(finding.severity)), 7), out.fit(text, taken),
                     out.paint(Color::faint, formatted("[{}]", id))));
}

void write_repo(const RepoChange& repo, TextOut& out) {
  const auto verdict = [](const std::optional<Verdict>& one) {
    return one ? to_string(*one) : std::string_view("not here");
  };
  std::string text = formatted("{}{}  {}", printable(name_of(repo.repo)), node_of(repo.cache_ref),
                               verdict(repo.now));
  if (repo.change != Change::added) text += formatted(", was {}", verdict(repo.was));
  if (repo.was == repo.now)
    text +=
        formatted(": {} here, {} before", human_bytes(repo.bytes_now), human_bytes(repo.bytes_was));
  out.line(formatted("  {}  repo     {}", label_of(repo.change, out), out.fit(text, 19)));
}

// Lines up to a limit, and how many there would be more.
class LimitedLines {
 public:
  explicit LimitedLines(TextOut& out) : out_(out) {}

  template <class Write>
  void add(Write write) {
    if (out_.verbose() || shown_ < most_lines) {
      write();
      ++shown_;
    } else {
      ++left_;
    }
  }
  void finish(std::string_view singular) {
    if (left_ > 0) out_.line(formatted("  and {} (-v lists them)", counted(left_, singular)));
  }

 private:
  TextOut& out_;
  std::size_t shown_ = 0, left_ = 0;
};

// Info is counted above; it is listed only with --verbose.
bool is_shown(const Finding& finding, bool news_only, const TextOut& out) {
  if (out.quiet() && !news_only) return finding.severity == Severity::error;
  return out.verbose() || finding.severity != Severity::info;
}

void write_changed_findings(const Report& report, bool news_only, TextOut& out) {
  const Since& since = *report.since;
  const Adviser adviser(report);
  std::set<std::string> printed;
  LimitedLines lines(out);
  const std::size_t all = std::min(since.findings.size(), report.findings.size());
  for (const Change change : {Change::added, Change::worse, Change::better}) {
    if (news_only && change == Change::better) continue;
    for (std::size_t i = 0; i < all; ++i) {
      const Finding& finding = report.findings[i];
      if (since.findings[i].change != change || !is_shown(finding, news_only, out)) continue;
      lines.add([&] {
        write_finding(change, finding, since.findings[i].was, out);
        const std::string command = news_only ? adviser.command(finding) : std::string();
        if (!command.empty() && printed.insert(command).second)
          out.line(formatted("          run: {}", command));
      });
    }
  }
  if (!news_only) {
    for (const Finding& finding : since.gone) {
      if (is_shown(finding, news_only, out))
        lines.add([&] { write_finding(Change::gone, finding, {}, out); });
    }
  }
  lines.finish("more finding");
}

bool has_worse_verdict(const RepoChange& repo) {
  return repo.change == Change::worse && repo.was != repo.now;
}

// Repos whose verdict changed, and those that are new or gone.
void write_changed_repos(const Since& since, bool news_only, TextOut& out) {
  LimitedLines lines(out);
  for (const RepoChange& repo : since.repos) {
    if (!news_only || has_worse_verdict(repo)) lines.add([&] { write_repo(repo, out); });
  }
  lines.finish("more repo");
}

}  // namespace

void write_since(const Report& report, bool news_only, TextOut& out) {
  const Since& since = *report.since;
  if (since.absent) {
    out.line(out.fit(
        formatted("No earlier report at {}: everything counts as new", printable(since.file)), 0));
  } else {
    out.line(
        out.paint(Color::strong, out.fit(formatted("New since {} ({}): {}", utc(since.started_at),
                                                   printable(since.file), counts_in_words(report)),
                                         0)));
  }
  for (const std::string& note : since.notes)
    out.line(out.paint(Color::faint, out.fit("  note: " + note, 0)));
  if (since.unchecked > 0)
    out.line(out.paint(
        Color::faint,
        out.fit(
            formatted("  note: {} of the earlier report {} not checked by this run",
                      counted(since.unchecked, "finding"), since.unchecked == 1 ? "was" : "were"),
            0)));
  // Without an earlier report the list would be the report itself.
  if (!since.absent || news_only) write_changed_findings(report, news_only, out);
  if (!since.absent && (news_only || !out.quiet())) write_changed_repos(since, news_only, out);
}

// Weights that vanish without a trace make a complete repo a subset, without a finding of its own.
bool has_worse_repo(const Report& report) {
  return report.since && !report.since->absent &&
         std::any_of(report.since->repos.begin(), report.since->repos.end(), has_worse_verdict);
}

}  // namespace hfaudit::report
