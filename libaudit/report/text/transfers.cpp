// The transfers of a pull, done or planned: a line a repo, and the missing files with the reason.
#include <algorithm>

#include "base/format.hpp"
#include "base/sum.hpp"
#include "base/terminal_text.hpp"
#include "hfaudit/render.hpp"
#include "report/text/parts.hpp"

namespace hfaudit::report {
namespace {

constexpr std::size_t transfer_indent = 2;

// The word at the beginning of a repo's line, and its colour.
struct Outcome {
  std::string_view word;
  Color color = Color::bad;
  bool good = false;
};

// The audit's verdict of the commit that was pulled; nullptr where the audit lacks it.
const RevisionReport* revision_of(const Report& report, const Transfer& transfer) {
  for (const RepoReport& repo : report.repos) {
    if (repo.repo != transfer.repo) continue;
    for (const RevisionReport& revision : repo.revisions) {
      if (revision.commit == transfer.commit) return &revision;
    }
    // The commit of a --local-dir may be unknown.
    if (repo.revisions.size() == 1 && repo.revisions.front().commit.empty())
      return &repo.revisions.front();
  }
  return nullptr;
}

Outcome outcome_of(const Report& report, const Transfer& transfer) {
  const bool all_there = transfer.left.empty() && transfer.failure.empty();
  if (transfer.planned) {
    if (!transfer.failure.empty()) return {"failed", Color::bad, false};
    const bool unlisted = transfer.commit.empty() && transfer.wanted.files == 0;
    if (unlisted && all_there) return {"unknown", Color::warn, false};
    return all_there ? Outcome{"present", Color::good, true}
                     : Outcome{"to pull", Color::note, true};
  }
  if (!transfer.failure.empty() && transfer.wanted.files == 0) return {"failed", Color::bad, false};
  const RevisionReport* revision = revision_of(report, transfer);
  const Verdict verdict = revision != nullptr ? revision->verdict : Verdict::unknown;
  // A subset, where --include left the rest of the repo out: all requested files are there.
  const bool whole = verdict == Verdict::complete || (verdict == Verdict::subset && all_there);
  if (whole) return {"complete", Color::good, true};
  if (verdict == Verdict::corrupt) return {"corrupt", Color::bad, false};
  if (verdict == Verdict::in_progress) return {"in-progress", Color::note, false};
  if (all_there) return {to_string(verdict), Color::warn, false};
  return transfer.commit.empty() ? Outcome{"failed", Color::bad, false}
                                 : Outcome{"incomplete", Color::bad, false};
}

std::string named(const Transfer& transfer) {
  const std::string name = name_of(transfer.repo);
  return transfer.revision.empty() ? name : name + "@" + transfer.revision;
}

std::uint64_t missing_bytes(const Transfer& transfer) {
  std::uint64_t bytes = 0;
  for (const PlannedFile& file : transfer.left)
    add_size(bytes, file.size - std::min(file.prefix, file.size));
  return bytes;
}

std::string pulled_in_words(const Transfer& transfer) {
  constexpr double measurable_s = 0.05, ms_per_s = 1000;
  std::string text = "nothing to pull";
  if (transfer.pulled.bytes > 0 || transfer.pulled.files > 0) {
    text = formatted("pulled {} in {}", in_words(transfer.pulled),
                     human_duration(static_cast<std::uint64_t>(transfer.seconds * ms_per_s)));
    if (transfer.seconds >= measurable_s) {
      const double speed = static_cast<double>(transfer.pulled.bytes) / transfer.seconds;
      text += formatted(" ({}/s)", human_bytes(static_cast<std::uint64_t>(speed)));
    }
  } else if (!transfer.left.empty() || !transfer.failure.empty()) {
    text = "nothing was pulled";
  }
  for (const TransferShare& share : transfer.sources) {
    const std::string source =
        share.source == "cache" ? "other repos here" : printable(share.source);
    text += formatted(", {} from {}", human_bytes(share.given.bytes), source);
  }
  if (transfer.attempts > 1) text += ", " + counted(transfer.attempts, "attempt");
  return text;
}

std::string amounts_of(const Transfer& transfer) {
  if (transfer.commit.empty() || (transfer.wanted.files == 0 && !transfer.failure.empty()))
    return {};
  if (transfer.planned) {
    const FileTotals left{transfer.left.size(), missing_bytes(transfer)};
    return formatted("{}; {} here; {} to pull", in_words(transfer.wanted), in_words(transfer.had),
                     in_words(left));
  }
  std::string text = in_words(transfer.wanted);
  if (!transfer.left.empty()) {
    text += formatted("; {} missing, {}", counted(transfer.left.size(), "file"),
                      human_bytes(missing_bytes(transfer)));
  }
  return text + "; " + pulled_in_words(transfer);
}

struct TransferWidths {
  std::size_t word = 0, name = 0;
};

void write_head(const Outcome& outcome, const Transfer& transfer, const TransferWidths& widths,
                TextOut& out) {
  const std::string amounts = amounts_of(transfer);
  constexpr std::size_t gap_width = 2;
  const std::string name = padded(out.fit(named(transfer), widths.word + gap_width), widths.name);
  std::string line = out.paint(outcome.color, padded(std::string(outcome.word), widths.word));
  line.append(gap_width, ' ').append(out.paint(Color::strong, name));
  const std::size_t taken = widths.word + columns_of(name) + 2 * gap_width;
  const bool room = out.width() == 0 || taken + columns_of(amounts) <= out.width();
  if (room && !amounts.empty()) line.append(gap_width, ' ').append(amounts);
  while (line.ends_with(' '))
    line.pop_back();
  out.line(line);
  if (room) return;
  const std::string indent(transfer_indent, ' ');
  std::size_t column = transfer_indent;
  out.line(indent + wrapped(amounts, column, indent, out.width()));
}

// "present" is only counted: the reader needs the missing files.
struct FileRow {
  std::string_view state;
  std::string size, path, failure;
};

FileRow row_of(const PlannedFile& file, const std::string& known) {
  FileRow row{"absent", human_bytes(file.size), file.path, {}};
  if (file.prefix > 0) {
    row.state = "partial";
    row.size = human_bytes(file.prefix) + " of " + row.size;
  }
  if (!known.ends_with(file.failure)) row.failure = printable(file.failure);
  return row;
}

void write_files(const Transfer& transfer, TextOut& out) {
  constexpr std::size_t most_shown = 10, fixed_width = transfer_indent + 7 + 2 + 2;
  const std::size_t all = transfer.left.size();
  const std::size_t shown = out.verbose() || all <= most_shown ? all : most_shown - 1;
  std::vector<FileRow> rows;
  std::size_t size_width = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    rows.push_back(row_of(transfer.left[i], transfer.failure));
    size_width = std::max(size_width, rows.back().size.size());
  }
  for (const FileRow& row : rows) {
    std::string line = formatted("  {:<7}  {:>{}}  {}", row.state, row.size, size_width,
                                 out.fit(row.path, fixed_width + size_width));
    // always whole: it names the remedy
    std::size_t column = columns_of(line) + 2;
    if (!row.failure.empty())
      line.append(": ").append(wrapped(row.failure, column, "    ", out.width()));
    out.line(line);
  }
  if (shown == all) return;
  const std::string hint = out.quiet() ? "" : " (-v lists them)";
  out.line(formatted("  and {} more{}", grouped(all - shown), hint));
}

// Refusals of the Hub are reported above, with the unreadable locations.
bool is_reported(const Report& report, const std::string& failure) {
  const auto same = [&failure](const Unreadable& place) { return place.cause == failure; };
  return std::any_of(report.unreadable.begin(), report.unreadable.end(), same);
}

}  // namespace

void write_transfers(const Report& report, TextOut& out) {
  TransferWidths widths;
  std::vector<const Transfer*> shown;
  for (const Transfer& transfer : report.transfers) {
    const Outcome outcome = outcome_of(report, transfer);
    if (out.quiet() && outcome.good) continue;
    shown.push_back(&transfer);
    widths.word = std::max(widths.word, outcome.word.size());
    widths.name = std::max(widths.name, columns_of(printable(named(transfer))));
  }
  if (out.width() > 0) widths.name = std::min(widths.name, out.width() / 2);
  if (!shown.empty()) out.gap();
  for (const Transfer* transfer : shown) {
    write_head(outcome_of(report, *transfer), *transfer, widths, out);
    if (!transfer->failure.empty() && !is_reported(report, transfer->failure)) {
      out.line(std::string(transfer_indent, ' ') + printable(transfer->failure));
    }
    write_files(*transfer, out);
  }
}

std::string transfers_in_words(const Report& report) {
  std::size_t complete = 0, refused = 0, others = 0;
  for (const Transfer& transfer : report.transfers) {
    if (transfer.planned) return {};
    if (outcome_of(report, transfer).good) {
      ++complete;
      continue;
    }
    const std::string name =
        transfer.repo.name() + (transfer.revision.empty() ? "" : "@" + transfer.revision);
    const bool is_refused =
        std::any_of(report.unreadable.begin(), report.unreadable.end(),
                    [&](const Unreadable& place) { return place.refused && place.path == name; });
    ++(is_refused ? refused : others);
  }
  const std::size_t all = report.transfers.size();
  if (complete == all) return {};
  std::string text = formatted("{} of {} complete", grouped(complete), counted(all, "repo"));
  if (others > 0) text += formatted(", {} not", grouped(others));
  if (refused > 0) text += formatted(", {} refused", grouped(refused));
  return text;
}

}  // namespace hfaudit::report
