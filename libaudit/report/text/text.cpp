// The report as text, made to be read at 7 in the morning: the scanned locations, the defects,
// their reasons, and a summary.
#include <algorithm>

#include <vector>

#include "base/filter_words.hpp"
#include "base/format.hpp"
#include "base/sum.hpp"
#include "base/terminal_text.hpp"
#include "report/text/parts.hpp"

namespace hfaudit {
namespace report {

void TextOut::line(std::string_view text) {
  sink_(text);
  sink_("\n");
  empty_ = false;
}

void TextOut::gap() {
  if (!empty_) line({});
}

std::string TextOut::paint(Color color, std::string_view text) const {
  if (!style_.color || text.empty()) return std::string(text);
  const auto sgr = [color]() -> std::string_view {
    switch (color) {
      case Color::bad:
        return "1;31";
      case Color::warn:
        return "33";
      case Color::good:
        return "32";
      case Color::note:
        return "36";
      case Color::faint:
        return "2";
      case Color::strong:
        return "1";
    }
    return "0";
  };
  return formatted("\x1b[{}m{}\x1b[0m", sgr(), text);
}

std::string TextOut::fit(std::string_view text, std::size_t taken) const {
  constexpr std::size_t least_room = 8;  // a shorter name is unreadable: let the line wrap
  std::string shown = printable(text);
  if (style_.width == 0) return shown;
  return cut_middle(shown, style_.width > taken + least_room ? style_.width - taken : least_room);
}

std::string in_words(const FileTotals& totals) {
  return counted(totals.files, "file") + ", " + human_bytes(totals.bytes);
}

// Only the patterns: the repos are listed anyway, but files that a pattern leaves out are not.
std::string filter_in_words(const ReportScope& asked) {
  std::string text;
  for (const auto& pattern : asked.include)
    text += (text.empty() ? "; only " : ", ") + printable(pattern);
  bool first = true;
  for (const auto& pattern : asked.exclude) {
    text += (first ? "; not " : ", ") + printable(pattern);
    first = false;
  }
  return text;
}

namespace {

std::string reason(const ScannedLocation& place) {
  return place.because == "default" ? "the default" : "from " + printable(place.because);
}

bool is_main(const ScannedLocation& place) {
  return place.exists && (place.what == "hub" || place.what == "local-dir");
}

// "Cache: /data/hf/hub (from HF_HOME); also xet, token /run/secrets/hf (from HF_TOKEN_PATH)": the
// folders of the home by their names, the rest with path and reason.
std::string locations_in_words(const Report& report) {
  std::string text, others;
  for (const ScannedLocation& place : report.scanned) {
    const std::string with_reason = formatted("{} ({})", printable(place.path), reason(place));
    if (is_main(place) && text.empty()) {
      text = (place.what == "hub" ? "Cache: " : "Folder: ") + with_reason;
      continue;
    }
    const bool at_home =
        !report.hf_home.empty() && (place.path + "/").starts_with(report.hf_home + "/");
    if (!place.exists || (at_home && place.what == "home")) continue;
    others += others.empty() ? "" : ", ";
    others += at_home ? place.what : place.what + " " + with_reason;
  }
  if (text.empty() && others.empty()) {
    const auto absent = std::find_if(
        report.scanned.begin(), report.scanned.end(),
        [](const ScannedLocation& one) { return one.what == "hub" || one.what == "local-dir"; });
    if (absent == report.scanned.end()) return "No cache to scan";
    return formatted("{} {} ({}), not there",
                     absent->what == "hub" ? "Cache:" : "Folder:", printable(absent->path),
                     reason(*absent));
  }
  if (text.empty()) return "Cache: none; scanned " + others;
  return others.empty() ? text : text + "; also " + others;
}

void write_locations(const Report& report, TextOut& out) {
  if (out.verbose()) {
    for (const ScannedLocation& place : report.scanned) {
      const std::string_view absent = place.exists ? "" : ", not there";
      out.line(formatted("Scanned {} {} ({}{})", printable(place.what), printable(place.path),
                         reason(place), absent));
    }
    return;
  }
  const std::string text = locations_in_words(report) + filter_in_words(report.asked);
  out.line(out.paint(Color::faint, out.fit(text, 0)));
}

bool is_download(const Unreadable& place) {
  return place.operation == "download all of";
}

}  // namespace

void write_unreadable(const Report& report, TextOut& out) {
  constexpr std::size_t most_shown = 10;
  if (report.unreadable.empty()) return;
  out.gap();
  const bool downloads_only =
      std::all_of(report.unreadable.begin(), report.unreadable.end(), is_download);
  out.line(out.paint(Color::bad, downloads_only ? "Not everything could be downloaded:"
                                                : "Not everything could be checked:"));
  const std::size_t shown =
      out.verbose() ? report.unreadable.size() : std::min(most_shown, report.unreadable.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Unreadable& place = report.unreadable[i];
    // The heading has the operation.
    const bool named = !is_download(place) && place.operation != "judge";
    const std::string why =
        (named ? printable(place.operation) + ": " : "") + printable(place.cause);
    const std::string path = out.fit(place.path, std::min(columns_of(why) + 4, out.width() / 3));
    std::size_t column = columns_of(path) + 4;
    out.line(formatted("  {}{}{}", path, named ? "  " : ": ",
                       wrapped(why, column, "    ", out.width())));
  }
  if (shown < report.unreadable.size())
    out.line(formatted("  and {} more", grouped(report.unreadable.size() - shown)));
}

namespace {

void write_not_found(const Report& report, TextOut& out) {
  if (report.not_found.empty()) return;
  out.gap();
  out.line(out.paint(Color::bad, "Not found:"));
  for (const NotFound& one : report.not_found)
    out.line(formatted("  {}  {}", printable(one.name), printable(one.cause)));
}

// A narrowed scan of a whole cache that found no file for its patterns; of a named repo the reason
// stands among the unreadable paths.
void write_unmatched(const Report& report, TextOut& out) {
  const auto none = [](const RepoReport& repo) {
    return repo.verdict == Verdict::unknown && repo.bytes.expected.value_or(0) == 0;
  };
  const std::string patterns = filter_options({report.asked.include, report.asked.exclude});
  if (patterns.empty() || report.repos.empty() || !report.asked.repos.empty() ||
      !std::all_of(report.repos.begin(), report.repos.end(), none))
    return;
  out.gap();
  out.line(out.paint(Color::warn, "No file in the cache matches " + printable(patterns)));
}

void write_noted(const Report& report, TextOut& out) {
  if (report.noted.empty() || out.quiet()) return;
  out.gap();
  out.line("Not readable, but not needed for a verdict:");
  for (const Unreadable& place : report.noted)
    out.line(formatted("  {}  {}", printable(place.path), printable(place.cause)));
}

void add(std::string& list, std::string_view item) {
  if (item.empty()) return;
  if (!list.empty()) list += ", ";
  list += item;
}

std::string repos_in_words(const Report& report, const Tally& tally) {
  std::string list;
  for (const Verdict verdict : {Verdict::corrupt, Verdict::incomplete, Verdict::unknown,
                                Verdict::in_progress, Verdict::subset, Verdict::complete}) {
    if (tally[verdict] > 0)
      add(list, grouped(tally[verdict]) + " " + std::string(to_string(verdict)));
  }
  const auto absent = static_cast<std::size_t>(
      std::count_if(report.not_found.begin(), report.not_found.end(),
                    [&](const NotFound& one) { return one.name != report.hub_cache; }));
  const std::string not_found = absent == 0 ? "" : ", " + grouped(absent) + " not found";
  if (report.command == "pull") {
    if (std::string pulled = transfers_in_words(report); !pulled.empty()) return pulled + not_found;
  }
  if (report.repos.empty()) return "no repos" + not_found;
  return counted(report.repos.size(), "repo") + " (" + list + ")" + not_found;
}

// `hidden`: information that the text leaves out.
std::string findings_in_words(const Tally& tally, std::size_t hidden) {
  std::string list;
  for (const Severity severity : {Severity::error, Severity::warning}) {
    if (tally[severity] > 0) add(list, counted(tally[severity], to_string(severity)));
  }
  const std::size_t shown = tally[Severity::info] - hidden;
  if (shown > 0) add(list, grouped(shown) + " info");
  return list.empty() ? "no findings" : list;
}

std::string bytes_in_words(const Report& report) {
  std::string list = human_bytes(report.bytes_present) + " here";
  if (report.bytes_missing > 0) add(list, human_bytes(report.bytes_missing) + " missing");
  if (report.bytes_reclaimable > 0)
    add(list, human_bytes(report.bytes_reclaimable) + " reclaimable");
  return list;
}

// A plan that succeeded. It lacks a verdict.
bool is_plan(const Report& report, ExitCode code) {
  const auto planned = [](const Transfer& transfer) { return transfer.planned; };
  return code == ExitCode::ok && !report.transfers.empty() && report.repos.empty() &&
         report.findings.empty() &&
         std::all_of(report.transfers.begin(), report.transfers.end(), planned);
}

void write_plan_summary(const Report& report, TextOut& out) {
  FileTotals left;
  for (const Transfer& transfer : report.transfers) {
    left.files += transfer.left.size();
    for (const PlannedFile& file : transfer.left)
      add_size(left.bytes, file.size - std::min(file.prefix, file.size));
  }
  out.gap();
  out.line(formatted("planned: {}; {}, {} to pull; nothing was written; {}",
                     counted(report.transfers.size(), "repo"), counted(left.files, "file"),
                     human_bytes(left.bytes), human_duration(report.duration_ms)));
}

void write_summary(const Report& report, const Tally& tally, ExitCode code, TextOut& out) {
  const std::string_view verdict = overall_verdict(tally, code);
  const Color color = verdict == "clean"     ? Color::good
                      : verdict == "damaged" ? Color::bad
                                             : Color::warn;
  // A run that writes, or keeps proofs, resumes.
  const bool resumes =
      report.command == "pull" || report.command == "repair" || report.command == "scrub";
  const std::string_view before = was_interrupted(code) ? "interrupted; " : "";
  const std::string_view after = !was_interrupted(code) ? ""
                                 : resumes ? " so far (run the same command again to resume)"
                                           : " so far";
  out.gap();

  std::string line = formatted("{}{}{}:", before, out.paint(color, verdict), after);
  std::size_t taken = before.size() + verdict.size() + after.size() + 1;
  std::string separator = " ";
  for (const std::string& part :
       {repos_in_words(report, tally), findings_in_words(tally, hidden_locks(report, out)),
        bytes_in_words(report), human_duration(report.duration_ms)}) {
    // A terminal would break the line anywhere.
    if (out.width() > 0 && taken + separator.size() + part.size() >= out.width()) {
      line += separator.substr(0, separator.size() - 1);
      out.line(line);
      line.clear();
      taken = 0;
      separator = "  ";
    }
    line += separator + part;
    taken += separator.size() + part.size();
    separator = "; ";
  }
  out.line(line);
}

}  // namespace
}  // namespace report

void render_text(const Report& report, const TextStyle& style, ExitCode code, const Sink& sink) {
  report::TextOut out{style, sink};
  const report::Tally tally = report::tally_of(report);
  const bool news_only = out.quiet() && report.since && report.since->only_new;
  const bool worse = news_only && report::has_worse_repo(report);
  const bool has_nothing_to_report = out.quiet() && overall_verdict(tally, code) == "clean";
  if (!worse && (has_nothing_to_report || (news_only && code == ExitCode::ok))) return;
  if (report.since) report::write_since(report, news_only, out);
  if (news_only) {
    report::write_unreadable(report, out);
    report::write_not_found(report, out);
    return report::write_summary(report, tally, code, out);
  }
  if (report.since) out.gap();
  if (!report.sources.empty()) {
    report::write_merged(report, out);
  } else {
    if (!out.quiet()) report::write_locations(report, out);
    report::write_unreadable(report, out);
    report::write_not_found(report, out);
    report::write_unmatched(report, out);
    report::write_noted(report, out);
    if (report.repair) report::write_repair(*report.repair, out);
    if (report.transfers.empty()) {
      report::write_repos(report, tally, out);
    } else {
      report::write_transfers(report, out);
    }
    report::write_findings(report, tally, out);
    if (report.verified) report::write_verified(report, out);
  }
  if (report.repair) report::write_repaired(*report.repair, out);
  if (report::is_plan(report, code)) return report::write_plan_summary(report, out);
  report::write_summary(report, tally, code, out);
}

}  // namespace hfaudit
